/** What the private test kit builds on; not part of the published package. */
export { createConnection, openConnection } from './database/connection.js'
export type { EmbeddedDatabase } from './database/embedded/source.js'
export { startEmbeddedDatabase } from './database/embedded/start-embedded.js'
