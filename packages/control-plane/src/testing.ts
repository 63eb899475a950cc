/** What the private test kit builds on; not part of the published package. */
export { createLoginLink, createOperatorToken } from './cli/dev/internal-calls.js'
export { type ServiceProcess, startService } from './cli/dev/service-process.js'
export { documentOptions } from './config/document-options.js'
export { createConnection, openConnection } from './database/connection.js'
export type { EmbeddedDatabase } from './database/embedded/source.js'
export { startEmbeddedDatabase } from './database/embedded/start-embedded.js'
export { LANGUAGE_PARTS } from './expressions/language-document.js'
export { ROLES, type Role } from './runtime/role.js'
