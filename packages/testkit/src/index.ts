export * from './database/use-database.js'
export * from './free-port.js'
export * from './manual-clock.js'
export * from './wait-until.js'
