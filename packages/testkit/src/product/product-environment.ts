import { randomBytes } from 'node:crypto'
import { freePorts } from '../free-port.js'

export interface ProductPorts {
  readonly server: number
  readonly health: number
  readonly metrics: number
  readonly ingestionBroker: number
  readonly mitigationBroker: number
  readonly worker: number
}

export async function productPorts(): Promise<ProductPorts> {
  const [server = 0, health = 0, metrics = 0, ingestionBroker = 0, mitigationBroker = 0, worker = 0] =
    await freePorts(6)
  return { server, health, metrics, ingestionBroker, mitigationBroker, worker }
}

export interface ProductEnvironmentOptions {
  readonly mongodbUri: string
  readonly databasePrefix: string
  readonly serviceToken: string
  readonly ports: ProductPorts
}

/** Everything a service is told, and nothing of the environment of the tests. */
export function productEnvironment(options: ProductEnvironmentOptions): Record<string, string> {
  const { mongodbUri, databasePrefix, serviceToken, ports } = options
  return {
    NODE_ENV: 'production',
    ESPER_MONGODB_URI: mongodbUri,
    ESPER_DATABASE_PREFIX: databasePrefix,
    ESPER_SERVICE_TOKEN: serviceToken,
    ESPER_MASTER_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    ESPER_SERVER_PORT: String(ports.server),
    ESPER_HEALTH_PORT: String(ports.health),
    ESPER_METRICS_PORT: String(ports.metrics),
    ESPER_INGESTION_BROKER_PORT: String(ports.ingestionBroker),
    ESPER_MITIGATION_BROKER_PORT: String(ports.mitigationBroker),
    ESPER_WORKER_PORT: String(ports.worker),
    ESPER_INGESTION_BROKER_URL: `http://127.0.0.1:${ports.ingestionBroker}`,
    ESPER_MITIGATION_BROKER_URL: `http://127.0.0.1:${ports.mitigationBroker}`,
    ESPER_SERVER_INTERNAL_URL: `http://127.0.0.1:${ports.health}`,
    ESPER_DEV_LOGIN: 'true',
  }
}
