import type { Config } from '../../config/options.js'
import type { Role } from '../../runtime/role.js'
import type { DevOutput } from './dev-output.js'
import type { DevPorts } from './dev-ports.js'
import type { DevState } from './dev-state.js'
import { type ServiceProcess, startService } from './service-process.js'

export interface DevServicesOptions {
  readonly config: Config
  readonly ports: DevPorts
  readonly state: DevState
  readonly mongodbUri: string
  readonly program: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly output: DevOutput
}

export interface DevUrls {
  readonly server: string
  readonly internal: string
  readonly demo: string
}

const KILL_AFTER_DRAIN_MS = 3_000

/** Starts some of the services at the same time. */
export function startServices(options: DevServicesOptions, roles: readonly Role[]): readonly ServiceProcess[] {
  const { config, output, program } = options
  const env = serviceEnvironment(options)
  return roles.map((role) => {
    const service = startService({ role, program, env, graceMs: config.drainTimeoutMs + KILL_AFTER_DRAIN_MS })
    output.follow(role, service.output)
    return service
  })
}

export function devUrls({ config, ports }: Pick<DevServicesOptions, 'config' | 'ports'>): DevUrls {
  const [origin] = config.publicOrigins
  const server = httpUrl(config.serverHost, ports.serverPort)
  return {
    server: config.serverPort === ports.serverPort && origin !== undefined ? origin : server,
    internal: httpUrl(config.internalHost, ports.healthPort),
    demo: httpUrl('127.0.0.1', ports.demoPort),
  }
}

/** All of them get the same: what a service does not need it does not read. */
function serviceEnvironment({ config, ports, state, mongodbUri, env }: DevServicesOptions): NodeJS.ProcessEnv {
  const port = (key: keyof DevPorts) => String(ports[key])
  return {
    ...env,
    ESPER_CONFIG: '',
    ESPER_MONGODB_URI: mongodbUri,
    ESPER_DATABASE_PREFIX: config.databasePrefix,
    ESPER_SERVICE_TOKEN: config.serviceToken === '' ? state.service_token : config.serviceToken,
    ESPER_MASTER_KEYS: env.ESPER_MASTER_KEYS || state.master_keys,
    ESPER_SERVER_HOST: config.serverHost,
    ESPER_INTERNAL_HOST: config.internalHost,
    ESPER_SERVER_PORT: port('serverPort'),
    ESPER_HEALTH_PORT: port('healthPort'),
    ESPER_METRICS_PORT: port('metricsPort'),
    ESPER_INGESTION_BROKER_PORT: port('ingestionBrokerPort'),
    ESPER_MITIGATION_BROKER_PORT: port('mitigationBrokerPort'),
    ESPER_WORKER_PORT: port('workerPort'),
    ESPER_INGESTION_BROKER_URL: httpUrl(config.internalHost, ports.ingestionBrokerPort),
    ESPER_MITIGATION_BROKER_URL: httpUrl(config.internalHost, ports.mitigationBrokerPort),
    ESPER_SERVER_INTERNAL_URL: httpUrl(config.internalHost, ports.healthPort),
    ESPER_PUBLIC_ORIGINS: config.serverPort === ports.serverPort ? config.publicOrigins.join(',') : '',
    ESPER_DRAIN_TIMEOUT_MS: String(config.drainTimeoutMs),
    ESPER_LOG_LEVEL: config.logLevel,
    ESPER_DEV_LOGIN: 'true',
  }
}

function httpUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
