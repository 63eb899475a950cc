import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { Counter, Gauge } from 'prom-client'
import { createIngestionClient } from '../clients/ingestion-client.js'
import { createMitigationClient } from '../clients/mitigation-client.js'
import { createServerClient } from '../clients/server-client.js'
import type { Config } from '../config/options.js'
import { createDatabase } from '../database/connection.js'
import type { Connection } from '../database/types.js'
import { createApp } from '../http/app.js'
import { healthRoutes, metricsRoutes } from '../http/health-routes.js'
import { createListener } from '../http/listener.js'
import type { Module, Runtime } from '../runtime/module.js'
import { createPolicySource } from './policy-source.js'
import { RecordStore } from './record-store.js'
import { WindowStore } from './window-store.js'
import { createWorker, type Worker } from './worker.js'

const MAX_BATCHES = 16
const CLAIM_WAIT_MS = 20_000
const CLAIM_LEASE_MS = 30_000
const OUTBOX_LEASE_MS = 60_000
const RECOVER_EVERY_MS = 5_000

/** The engine worker: claims batches, decides their events, and delivers what follows. Any number run side by side. */
export function createEngineModules(config: Config, runtime: Runtime): readonly Module[] {
  const database = createDatabase({ config, name: 'engine', runtime })
  const app = createApp({
    runtime,
    name: 'engine',
    routes: (routes) => {
      healthRoutes(routes, runtime)
      metricsRoutes(routes, runtime)
    },
  })
  return [
    database,
    createEngine({ config, runtime, connection: database.connection }),
    createListener({
      name: 'engine',
      runtime,
      host: config.internalHost,
      port: config.workerPort,
      portOption: 'workerPort',
      handler: app,
      needs: ['worker'],
    }),
  ]
}

interface EngineOptions {
  readonly config: Config
  readonly runtime: Runtime
  readonly connection: Connection
}

function createEngine({ config, runtime, connection }: EngineOptions): Module {
  const { serviceToken } = config
  const { logger, now, stopping } = runtime
  const ingestion = createIngestionClient({ url: config.ingestionBrokerUrl, serviceToken })
  const mitigation = createMitigationClient({ url: config.mitigationBrokerUrl, serviceToken })
  const server = createServerClient({ url: config.serverInternalUrl, serviceToken })
  const windows = new WindowStore(connection)
  const records = new RecordStore(connection)
  const stopped = new AbortController()
  const signal = AbortSignal.any([stopping, stopped.signal])
  let running: Promise<unknown> = Promise.resolve()
  let letGo: () => Promise<unknown> = () => Promise.resolve()

  return {
    name: 'worker',
    needs: ['database'],
    start: async () => {
      await windows.createIndexes()
      await records.createIndexes()
      const policies = createPolicySource({ server, logger, now })
      letGo = () => policies.close()
      runtime.health.add('revisions', () => (policies.connected ? 'stream' : 'polling'))
      const counters = engineCounters(runtime, records)
      const worker = createWorker({
        workerId: `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`,
        ingestion,
        parts: {
          connection,
          ingestion,
          mitigation,
          policies,
          windows,
          records,
          now,
          outboxLeaseMs: OUTBOX_LEASE_MS,
          ...counters.parts,
        },
        logger,
        maxBatches: MAX_BATCHES,
        waitMs: CLAIM_WAIT_MS,
        leaseMs: CLAIM_LEASE_MS,
        onFailure: counters.onFailure,
      })
      running = Promise.all([worker.run(signal), recoverAgain(worker, { runtime, signal })])
    },
    stop: async (cut) => {
      stopped.abort()
      await Promise.race([running, aborted(cut)])
      await letGo()
      await Promise.all([ingestion.close(), mitigation.close(), server.close()])
    },
  }
}

/** Looks now and then for what workers that died left in the outbox. */
async function recoverAgain(
  worker: Worker,
  { runtime, signal }: { readonly runtime: Runtime; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const count = await worker.recover()
      if (count > 0) runtime.logger.info({ publications: count }, 'delivered what a dead worker left behind')
    } catch (error) {
      runtime.logger.warn({ err: error }, 'publications of a dead worker could not be delivered yet')
    }
    await wait(RECOVER_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function engineCounters(runtime: Runtime, records: RecordStore) {
  const registers = [runtime.metrics]
  const events = new Counter({ name: 'esper_engine_events_total', help: 'Events decided.', registers })
  const conflicts = new Counter({
    name: 'esper_engine_conflicts_total',
    help: 'Transactions that met another worker and started again.',
    registers,
  })
  const failures = new Counter({
    name: 'esper_engine_failures_total',
    help: 'Claims that could not be worked through and are delivered again.',
    registers,
  })
  new Gauge({
    name: 'esper_engine_outbox_pending',
    help: 'Publications that have not reached the mitigation broker.',
    registers,
    async collect() {
      this.set(await records.countPending())
    },
  })
  return {
    parts: { onConflict: () => conflicts.inc(), onDecided: (count: number) => events.inc(count) },
    onFailure: () => failures.inc(),
  }
}
