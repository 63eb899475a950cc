import { createIngestionClient, type IngestionClient } from '../../clients/ingestion-client.js'
import { createEngineModules } from '../../engine/module.js'
import { createIngestionBrokerModules } from '../../ingestion-broker/module.js'
import { createMitigationBrokerModules } from '../../mitigation-broker/module.js'
import { startRole } from '../../pipeline-testing/start-role.js'
import { type StartServerOptions, startServer, type TestServer } from './start-server.js'

export interface ServerWithEngine {
  readonly server: TestServer
  readonly ingestion: IngestionClient
  /** What is sent while it is stopped waits. */
  readonly engine: { stop(): Promise<void>; start(): Promise<void> }
  stop(): Promise<void>
}

/** All four services: what is sent is decided. */
export async function startWithEngine(options: StartServerOptions): Promise<ServerWithEngine> {
  const server = await startServer(options)
  const config = { ...server.config, serverInternalUrl: server.internalUrl }
  const ingestionRole = await startRole(createIngestionBrokerModules, { config, role: 'ingestion-broker' })
  const mitigationRole = await startRole(createMitigationBrokerModules, { config, role: 'mitigation-broker' })
  const startEngine = () => startRole(createEngineModules, { config, role: 'engine' })
  let engine = await startEngine()
  const ingestion = createIngestionClient({ url: config.ingestionBrokerUrl, serviceToken: config.serviceToken })
  return {
    server,
    ingestion,
    engine: {
      stop: () => engine.stop(),
      start: async () => {
        engine = await startEngine()
      },
    },
    stop: async () => {
      await engine.stop()
      await ingestion.close()
      await server.stop()
      await mitigationRole.stop()
      await ingestionRole.stop()
    },
  }
}
