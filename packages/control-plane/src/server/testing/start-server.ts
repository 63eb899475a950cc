import { freePorts } from '@esper/testkit'
import { z } from 'zod'
import type { Config } from '../../config/options.js'
import { startRole, TEST_SERVICE_TOKEN, testConfig } from '../../pipeline-testing/start-role.js'
import { createServerModules } from '../module.js'
import { type Operator, operatorWith } from './operator.js'

const issuedToken = z.object({ operator_token: z.string() })

export interface TestServer {
  readonly config: Config
  readonly url: string
  readonly internalUrl: string
  /** Somebody with a name of their own and nothing else; the same name is the same person. */
  operator(name: string): Promise<Operator>
  /** Calls a route of the internal listener with the service token. */
  internal(path: string, body?: unknown): Promise<Response>
  stop(): Promise<void>
}

export interface StartServerOptions {
  readonly database: { readonly mongodbUri: string; readonly databasePrefix: string }
  readonly now?: () => number
  readonly env?: Readonly<Record<string, string>>
}

/** The server as a process would run it, with real HTTP and a real database. */
export async function startServer({ database, now = Date.now, env = {} }: StartServerOptions): Promise<TestServer> {
  const [server, health, metrics, ingestion, mitigation] = await freePorts(5)
  const config = await testConfig(database, {
    ESPER_SERVER_PORT: String(server),
    ESPER_HEALTH_PORT: String(health),
    ESPER_METRICS_PORT: String(metrics),
    // Whether anything listens there is for the test to say.
    ESPER_INGESTION_BROKER_PORT: String(ingestion),
    ESPER_MITIGATION_BROKER_PORT: String(mitigation),
    ESPER_INGESTION_BROKER_URL: `http://127.0.0.1:${ingestion}`,
    ESPER_MITIGATION_BROKER_URL: `http://127.0.0.1:${mitigation}`,
    ESPER_DEV_LOGIN: 'true',
    ...env,
  })
  const running = await startRole(createServerModules, { config, role: 'server', now })
  const url = `http://127.0.0.1:${server}`
  const internalUrl = `http://127.0.0.1:${health}`
  const internal = (path: string, body?: unknown) =>
    fetch(`${internalUrl}/internal/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${TEST_SERVICE_TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  return {
    config,
    url,
    internalUrl,
    internal,
    operator: async (name) => {
      const answer = await internal('/operator-tokens', { name, ttl_seconds: 3_600 })
      const { operator_token } = issuedToken.parse(await answer.json())
      return operatorWith({ url, token: operator_token })
    },
    stop: running.stop,
  }
}
