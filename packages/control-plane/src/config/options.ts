import { LOG_LEVELS, type LogLevel } from '../observability/logger.js'
import { ROLES } from '../runtime/role.js'
import {
  choice,
  flag,
  integer,
  masterKeys,
  matching,
  mongodbUri,
  type Option,
  origins,
  port,
  serviceToken,
  text,
  url,
} from './option.js'

/** Every option of every service: the one list from which parsing, `--help` and the documentation follow. */
export const OPTIONS = {
  mongodbUri: mongodbUri({
    env: 'ESPER_MONGODB_URI',
    default: '',
    secret: true,
    requiredBy: ROLES,
    doc: 'A replica set or sharded cluster of MongoDB 7 or later. `esper dev` starts one of its own when this is not set.',
  }),
  databasePrefix: matching({
    env: 'ESPER_DATABASE_PREFIX',
    flag: 'database-prefix',
    default: 'esper',
    pattern: /^[a-z0-9][a-z0-9_-]{0,29}$/,
    meaning: '1 to 30 characters of a-z, 0-9, _ and -, not beginning with a sign',
    doc: 'Each service has a database of its own: `<prefix>_server`, `<prefix>_ingestion`, `<prefix>_engine`, `<prefix>_mitigation`.',
  }),
  serviceToken: serviceToken({
    env: 'ESPER_SERVICE_TOKEN',
    default: '',
    secret: true,
    requiredBy: ROLES,
    doc: 'What the services show each other; the same for all of them.',
  }),
  masterKeys: masterKeys({
    env: 'ESPER_MASTER_KEYS',
    default: [],
    secret: true,
    requiredBy: ['server', 'ingestion-broker'],
    doc: 'Keys kept outside the database that wrap what is secret in it. The first encrypts, all decrypt.',
  }),
  serverHost: text({
    env: 'ESPER_SERVER_HOST',
    flag: 'host',
    default: '127.0.0.1',
    doc: 'Address on which esper-server answers operators and SDKs.',
  }),
  serverPort: port({
    env: 'ESPER_SERVER_PORT',
    flag: 'port',
    default: 8080,
    doc: 'Port of the API, the console and the SDK API.',
  }),
  internalHost: text({
    env: 'ESPER_INTERNAL_HOST',
    flag: 'internal-host',
    default: '127.0.0.1',
    doc: 'Address of everything that is not for the public: health, metrics, internal routes, the brokers, the worker.',
  }),
  healthPort: port({
    env: 'ESPER_HEALTH_PORT',
    flag: 'health-port',
    default: 8081,
    doc: "Port of esper-server's `/healthz`, `/readyz` and internal routes.",
  }),
  metricsPort: port({
    env: 'ESPER_METRICS_PORT',
    flag: 'metrics-port',
    default: 9090,
    doc: "Port of esper-server's `/metrics`.",
  }),
  ingestionBrokerPort: port({
    env: 'ESPER_INGESTION_BROKER_PORT',
    flag: 'ingestion-broker-port',
    default: 8082,
    doc: 'Port of the ingestion broker, its health and its metrics.',
  }),
  mitigationBrokerPort: port({
    env: 'ESPER_MITIGATION_BROKER_PORT',
    flag: 'mitigation-broker-port',
    default: 8083,
    doc: 'Port of the mitigation broker, its health and its metrics.',
  }),
  workerPort: port({
    env: 'ESPER_WORKER_PORT',
    flag: 'worker-port',
    default: 8084,
    doc: "Port of the engine worker's health and metrics.",
  }),
  demoPort: port({
    env: 'ESPER_DEMO_PORT',
    flag: 'demo-port',
    default: 8088,
    doc: 'Port of the demo application that `esper dev` starts.',
  }),
  ingestionBrokerUrl: url({
    env: 'ESPER_INGESTION_BROKER_URL',
    flag: 'ingestion-broker-url',
    default: 'http://127.0.0.1:8082',
    doc: 'Where the server and the engine reach the ingestion broker.',
  }),
  mitigationBrokerUrl: url({
    env: 'ESPER_MITIGATION_BROKER_URL',
    flag: 'mitigation-broker-url',
    default: 'http://127.0.0.1:8083',
    doc: 'Where the server and the engine reach the mitigation broker.',
  }),
  serverInternalUrl: url({
    env: 'ESPER_SERVER_INTERNAL_URL',
    flag: 'server-internal-url',
    default: 'http://127.0.0.1:8081',
    doc: "Where the engine reaches esper-server's internal routes.",
  }),
  publicOrigins: origins({
    env: 'ESPER_PUBLIC_ORIGINS',
    flag: 'public-origins',
    default: [],
    defaultText: 'the loopback names of `ESPER_SERVER_PORT`',
    doc: "Under which origins browsers and SDKs reach esper-server; the first is the console's. SDK signatures cover the host, so every name in use has to be listed.",
  }),
  devLogin: flag({
    env: 'ESPER_DEV_LOGIN',
    flag: 'dev-login',
    default: false,
    doc: 'Offers one-time login links and operator tokens on the internal routes. Refused outside loopback addresses.',
  }),
  dataDir: text({
    env: 'ESPER_DATA_DIR',
    flag: 'data-dir',
    default: '.esper',
    doc: 'Folder in which `esper dev` keeps its database, its secrets and its logs.',
  }),
  drainTimeoutMs: integer({
    env: 'ESPER_DRAIN_TIMEOUT_MS',
    flag: 'drain-timeout-ms',
    default: 10_000,
    min: 0,
    max: 600_000,
    unit: 'ms',
    doc: 'How long a stopping process may finish what is under way.',
  }),
  logLevel: choice<LogLevel>({
    env: 'ESPER_LOG_LEVEL',
    flag: 'log-level',
    default: 'info',
    choices: LOG_LEVELS,
    doc: 'Least severe records that are written. Logs are JSON lines on standard output.',
  }),
} as const satisfies Readonly<Record<string, Option<unknown>>>

export type OptionKey = keyof typeof OPTIONS

/** The values a process runs with. */
export type Config = { readonly [K in OptionKey]: (typeof OPTIONS)[K] extends Option<infer T> ? T : never }
