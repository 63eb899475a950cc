import { randomBytes } from 'node:crypto'
import {
  createConnection,
  createLoginLink,
  createOperatorToken,
  openConnection,
  ROLES,
  type Role,
} from '@esper/control-plane/testing'
import { inject } from 'vitest'
import { dropDatabases } from '../database/use-database.js'
import { type ProductPorts, productEnvironment, productPorts } from './product-environment.js'
import { type RunningService, runService } from './running-service.js'

export interface Product {
  /** Origin of the API, the SDK API and the console. */
  readonly apiUrl: string
  readonly ports: ProductPorts
  readonly mongodbUri: string
  readonly databasePrefix: string
  readonly serviceToken: string
  /** Of a user with this name, made when there is none. */
  operatorToken(name?: string): Promise<string>
  /** Signs in a user with this name, once. */
  loginLink(name?: string): Promise<string>
  /** SIGKILL; resolves when the process is gone. */
  kill(role: Role): Promise<void>
  /** Starts a service that was killed or stopped; resolves when it is ready. */
  start(role: Role): Promise<void>
  /** SIGTERM; resolves with the reason it ended. */
  drain(role: Role): Promise<string>
  /** What a service has logged, over all its starts. */
  log(role: Role): string
  /** Ends everything and drops its databases. */
  stop(): Promise<void>
}

export interface StartProductOptions {
  /** Beside or instead of what the services are given by default. */
  readonly env?: Readonly<Record<string, string>>
}

/** The four services as real processes of the built product, on free ports and databases of their own. */
export async function startProduct({ env = {} }: StartProductOptions = {}): Promise<Product> {
  const mongodbUri = inject('esperMongodbUri')
  const databasePrefix = `p${randomBytes(6).toString('hex')}`
  const serviceToken = randomBytes(32).toString('base64url')
  const ports = await productPorts()
  const services = new Map<Role, RunningService>()
  const logs = new Map<Role, string[]>(ROLES.map((role) => [role, []]))
  const environment = { ...productEnvironment({ mongodbUri, databasePrefix, serviceToken, ports }), ...env }
  const start = async (role: Role) => {
    const service = runService({ role, env: environment, lines: logs.get(role) ?? [] })
    services.set(role, service)
    await service.ready
  }
  const stop = async () => {
    await Promise.all([...services.values()].map((service) => service.stop()))
    await dropAll(mongodbUri, databasePrefix)
  }
  try {
    await Promise.all(ROLES.map(start))
  } catch (error) {
    await stop()
    throw new Error(`The product did not start.\n${[...logs.values()].flat().join('\n')}`, { cause: error })
  }
  const internal = { internalUrl: `http://127.0.0.1:${ports.health}`, serviceToken }
  return {
    apiUrl: `http://127.0.0.1:${ports.server}`,
    ports,
    mongodbUri,
    databasePrefix,
    serviceToken,
    operatorToken: (name = 'Olga Operator') => createOperatorToken(internal, name),
    loginLink: (name = 'Olga Operator') => createLoginLink(internal, name),
    kill: async (role) => services.get(role)?.kill(),
    start,
    drain: async (role) => {
      const service = services.get(role)
      await service?.stop()
      return service === undefined ? 'not running' : service.ended
    },
    log: (role) => (logs.get(role) ?? []).join('\n'),
    stop,
  }
}

async function dropAll(uri: string, prefix: string): Promise<void> {
  const connection = createConnection()
  await openConnection(connection, { uri, dbName: `${prefix}_server` })
  await dropDatabases(connection, prefix)
  await connection.close()
}
