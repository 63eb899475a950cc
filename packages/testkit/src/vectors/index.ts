export * from './decision-vectors.js'
export * from './read-vectors.js'
