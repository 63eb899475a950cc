import type { CreateModules } from '../runtime/module.js'
import type { Role } from '../runtime/role.js'

/** Loads the code of one service and of no other. */
export const ROLE_LOADERS: Readonly<Record<Role, () => Promise<CreateModules>>> = {
  server: async () => (await import('../server/module.js')).createServerModules,
  'ingestion-broker': async () => (await import('../ingestion-broker/module.js')).createIngestionBrokerModules,
  'mitigation-broker': async () => (await import('../mitigation-broker/module.js')).createMitigationBrokerModules,
  engine: async () => (await import('../engine/module.js')).createEngineModules,
}
