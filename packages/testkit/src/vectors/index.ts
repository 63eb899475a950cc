export * from './decision-vectors.js'
export * from './entity-key-vectors.js'
export * from './expression-vectors.js'
export * from './read-vectors.js'
