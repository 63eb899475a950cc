import { Counter } from 'prom-client'
import type { Config } from '../config/options.js'
import { createDatabase } from '../database/connection.js'
import { createApp } from '../http/app.js'
import { healthRoutes, metricsRoutes } from '../http/health-routes.js'
import { createListener } from '../http/listener.js'
import type { Module, Runtime } from '../runtime/module.js'
import { type BrokerEvents, MitigationBroker } from './broker.js'
import { MitigationStore } from './mitigation-store.js'
import { PublicationStore } from './publication-store.js'
import { mitigationRoutes } from './routes.js'

const DAY_MS = 86_400_000
const RETENTION = {
  publicationMs: 30 * DAY_MS,
  decisionMs: 30 * DAY_MS,
  minuteRollupMs: 35 * DAY_MS,
  hourRollupMs: 400 * DAY_MS,
}
const HEARTBEAT_MS = 10_000

/** The mitigation broker: keeps decisions, counts them, and hands out active mitigations. */
export function createMitigationBrokerModules(config: Config, runtime: Runtime): readonly Module[] {
  const database = createDatabase({ config, name: 'mitigation', runtime })
  const { connection } = database
  const publications = new PublicationStore(connection, RETENTION)
  const mitigations = new MitigationStore(connection)
  const { now, logger, stopping } = runtime
  const broker = new MitigationBroker({ connection, publications, mitigations, now, events: brokerCounters(runtime) })
  const app = createApp({
    runtime,
    name: 'mitigation-broker',
    routes: (routes) => {
      healthRoutes(routes, runtime)
      metricsRoutes(routes, runtime)
      const stream = { mitigations, stopping, logger, now, heartbeatMs: HEARTBEAT_MS }
      mitigationRoutes(routes, {
        serviceToken: config.serviceToken,
        broker,
        publications,
        mitigations,
        stream,
        now,
      })
    },
  })
  return [
    database,
    indexes(publications, mitigations),
    createListener({
      name: 'mitigation-broker',
      runtime,
      host: config.internalHost,
      port: config.mitigationBrokerPort,
      portOption: 'mitigationBrokerPort',
      handler: app,
      needs: ['indexes'],
    }),
  ]
}

function indexes(publications: PublicationStore, mitigations: MitigationStore): Module {
  return {
    name: 'indexes',
    needs: ['database'],
    start: async () => {
      await publications.createIndexes()
      await mitigations.createIndexes()
    },
    stop: async () => undefined,
  }
}

function brokerCounters(runtime: Runtime): BrokerEvents {
  const conflicts = new Counter({
    name: 'esper_mitigation_transaction_conflicts_total',
    help: 'Transactions that met another writer and started again.',
    registers: [runtime.metrics],
  })
  const upserts = new Counter({
    name: 'esper_mitigation_upserts_total',
    help: 'Mitigations that a publication asked for, by what became of them.',
    labelNames: ['result'],
    registers: [runtime.metrics],
  })
  return { conflict: () => conflicts.inc(), upsert: (result) => upserts.inc({ result }) }
}
