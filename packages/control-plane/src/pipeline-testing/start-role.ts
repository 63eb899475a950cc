import { createHash } from 'node:crypto'
import { freePort } from '@esper/testkit'
import { Registry } from 'prom-client'
import { loadConfig } from '../config/load-config.js'
import type { Config } from '../config/options.js'
import { createHealth } from '../observability/health.js'
import { createLogger } from '../observability/logger.js'
import type { CreateModules, Runtime } from '../runtime/module.js'
import type { Role } from '../runtime/role.js'

export const TEST_SERVICE_TOKEN = 'a-service-token-of-the-tests-0123456789'
const MASTER_KEY = createHash('sha256').update('master key of the tests').digest('base64')

/** A real configuration for a test's own database, with free ports. */
export async function testConfig(
  database: { readonly mongodbUri: string; readonly databasePrefix: string },
  env: Readonly<Record<string, string>> = {},
): Promise<Config> {
  const ingestionPort = await freePort()
  const mitigationPort = await freePort()
  const loaded = loadConfig({
    env: {
      ESPER_MONGODB_URI: database.mongodbUri,
      ESPER_DATABASE_PREFIX: database.databasePrefix,
      ESPER_SERVICE_TOKEN: TEST_SERVICE_TOKEN,
      ESPER_MASTER_KEYS: `k1:${MASTER_KEY}`,
      ESPER_INGESTION_BROKER_PORT: String(ingestionPort),
      ESPER_INGESTION_BROKER_URL: `http://127.0.0.1:${ingestionPort}`,
      ESPER_MITIGATION_BROKER_PORT: String(mitigationPort),
      ESPER_MITIGATION_BROKER_URL: `http://127.0.0.1:${mitigationPort}`,
      ESPER_WORKER_PORT: String(await freePort()),
      ...env,
    },
  })
  if (!loaded.ok) throw new Error(loaded.problems.join('; '))
  return loaded.config
}

export interface RunningRole {
  readonly runtime: Runtime
  stop(): Promise<void>
}

/** Starts what a process of this role would start, in this process, with an injectable clock. */
export async function startRole(
  create: CreateModules,
  { config, role, now = Date.now }: { readonly config: Config; readonly role: Role; readonly now?: () => number },
): Promise<RunningRole> {
  const stopping = new AbortController()
  const failures: unknown[] = []
  const runtime: Runtime = {
    role,
    logger: createLogger({ level: 'error', service: role }),
    metrics: new Registry(),
    health: createHealth(),
    now,
    stopping: stopping.signal,
    fail: (error) => void failures.push(error),
  }
  const modules = create(config, runtime)
  for (const module of modules) await module.start()
  runtime.health.setPhase('ready')
  return {
    runtime,
    stop: async () => {
      stopping.abort()
      for (const module of [...modules].reverse()) await module.stop(AbortSignal.timeout(5_000))
      if (failures.length > 0) throw failures[0]
    },
  }
}
