import { hkdfSync } from 'node:crypto'
import { Counter, Gauge } from 'prom-client'
import type { Config } from '../config/options.js'
import { createDatabase } from '../database/connection.js'
import { createApp } from '../http/app.js'
import { healthRoutes, metricsRoutes } from '../http/health-routes.js'
import { createListener } from '../http/listener.js'
import type { Module, Runtime } from '../runtime/module.js'
import { type Backlog, createBacklog } from './backlog.js'
import { BatchStore } from './batch-store.js'
import { createDoorbell, type Doorbell } from './doorbell.js'
import { createHousekeeping } from './housekeeping.js'
import { ingestionRoutes } from './routes.js'
import { createBatchSeal } from './seal.js'
import { ingestionStats } from './stats.js'

const STORE = { maxAttempts: 8, retryMs: 1_000, deadLetterMs: 7 * 86_400_000 }
const BACKLOG = { maxBatches: 20_000, maxBytes: 2 * 1_073_741_824, tenantShare: 0.5 }
const POLL_MS = 200

/** The ingestion broker: accepts batches, keeps them sealed, and leases them to workers. */
export function createIngestionBrokerModules(config: Config, runtime: Runtime): readonly Module[] {
  const database = createDatabase({ config, name: 'ingestion', runtime })
  const store = new BatchStore(database.connection, STORE)
  const backlog = createBacklog(BACKLOG)
  const doorbell = createDoorbell()
  const accepted = acceptedCounter(runtime)
  backlogGauges(runtime, backlog)
  const app = createApp({
    runtime,
    name: 'ingestion-broker',
    routes: (routes) => {
      healthRoutes(routes, runtime)
      metricsRoutes(routes, runtime)
      ingestionRoutes(routes, routeParts({ config, runtime, store, backlog, doorbell, accepted }))
    },
  })
  return [
    database,
    createHousekeeping({ store, backlog, doorbell, runtime }),
    createListener({
      name: 'ingestion-broker',
      runtime,
      host: config.internalHost,
      port: config.ingestionBrokerPort,
      portOption: 'ingestionBrokerPort',
      handler: app,
      needs: ['housekeeping'],
    }),
  ]
}

function routeParts(parts: {
  readonly config: Config
  readonly runtime: Runtime
  readonly store: BatchStore
  readonly backlog: Backlog
  readonly doorbell: Doorbell
  readonly accepted: Counter
}) {
  const { config, runtime, store, backlog, doorbell, accepted } = parts
  const { now } = runtime
  const [firstKey] = config.masterKeys
  if (firstKey === undefined) throw new Error('ESPER_MASTER_KEYS: at least one key is needed')
  const seal = createBatchSeal(config.masterKeys)
  const onAccepted = () => {
    accepted.inc()
    doorbell.ring()
  }
  return {
    serviceToken: config.serviceToken,
    intake: { store, seal, backlog, now, onAccepted },
    claims: { store, seal, doorbell, now, pollMs: POLL_MS },
    feed: {
      store,
      seal,
      redactionKey: (tenantId: string) =>
        new Uint8Array(hkdfSync('sha256', firstKey.key, tenantId, 'esper/feed-redaction/v1', 32)),
      now,
    },
    stats: (tenantId: string | undefined) => ingestionStats(store, { tenantId, now: now() }),
    stopping: runtime.stopping,
  }
}

function acceptedCounter(runtime: Runtime): Counter {
  return new Counter({
    name: 'esper_ingestion_batches_accepted_total',
    help: 'Batches stored for the first time.',
    registers: [runtime.metrics],
  })
}

function backlogGauges(runtime: Runtime, backlog: Backlog): void {
  for (const field of ['batches', 'bytes'] as const) {
    new Gauge({
      name: `esper_ingestion_backlog_${field}`,
      help: `What waits or is leased, in ${field}, as last counted.`,
      registers: [runtime.metrics],
      collect() {
        this.set(backlog.total()[field])
      },
    })
  }
}
