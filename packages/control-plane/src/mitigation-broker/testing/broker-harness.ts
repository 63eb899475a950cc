import type { MitigationDelta, MitigationPage } from '@esper/core'
import { ManualClock, useDatabase } from '@esper/testkit'
import { afterAll, beforeAll } from 'vitest'
import { createMitigationClient, type MitigationClient } from '../../clients/mitigation-client.js'
import type { DecisionRecord, MitigationUpsert, Publication } from '../../contract/mitigation.js'
import { type RunningRole, startRole, TEST_SERVICE_TOKEN, testConfig } from '../../pipeline-testing/start-role.js'
import { createMitigationBrokerModules } from '../module.js'

export const MINUTE = 60_000
export const DAY = 86_400_000
/** Today, since the database expires by its own clock; at noon, so that no test straddles a day by chance. */
export const START = Math.floor(Date.now() / DAY) * DAY + DAY / 2

export interface BrokerHarness {
  readonly clock: ManualClock
  /** Of one of the brokers. */
  readonly client: MitigationClient
  /** Of the other one, on the same database. */
  readonly second: MitigationClient
  upsert(entityKey: string, more?: Partial<MitigationUpsert>): MitigationUpsert
  page(tenantId: string, since?: number): Promise<MitigationPage>
}

/** Two mitigation brokers on one database for the tests of this file, on a clock that they turn. */
export function useBrokers(): BrokerHarness {
  const database = useDatabase({ name: 'mitigation' })
  const clock = new ManualClock(START)
  const brokers: RunningRole[] = []
  const clients: MitigationClient[] = []
  beforeAll(async () => {
    for (const _ of [1, 2]) {
      const config = await testConfig(database)
      const role = 'mitigation-broker'
      brokers.push(await startRole(createMitigationBrokerModules, { config, role, now: () => clock.now() }))
      const url = `http://127.0.0.1:${config.mitigationBrokerPort}`
      clients.push(createMitigationClient({ url, serviceToken: TEST_SERVICE_TOKEN }))
    }
  })
  afterAll(async () => {
    for (const one of clients) await one.close()
    for (const broker of brokers) await broker.stop()
  })
  const clientOf = (index: number) => {
    const client = clients[index]
    if (client === undefined) throw new Error('the brokers are there once the tests run')
    return client
  }
  return {
    clock,
    get client() {
      return clientOf(0)
    },
    get second() {
      return clientOf(1)
    },
    upsert: (entityKey, more = {}) => ({
      policy_id: 'pol_a',
      mitigation_id: 'mit_a',
      counting_scope: 'tenant',
      entity_key: entityKey,
      since: clock.now(),
      expires_at: clock.now() + 600_000,
      revision: 3,
      ...more,
    }),
    page: (tenantId, since = 0) => clientOf(0).deltas({ tenantId, scope: 'tenant', since }),
  }
}

let ids = 0
export function newId(prefix: string): string {
  ids += 1
  return `${prefix}_${ids}`
}

export function decision(tenantId: string, more: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    decision_id: newId('dec'),
    tenant_id: tenantId,
    source_id: 'shop',
    event_id: newId('ev'),
    policy_id: 'pol_a',
    policy_revision: 1,
    revision: 3,
    outcome: 'block',
    enforced: false,
    cleared: false,
    shadowed: false,
    origin: 'policy',
    counting_scope: 'tenant',
    observed_at: START,
    decided_at: START,
    ...more,
  }
}

export function publication(tenantId: string, more: Partial<Publication> = {}): Publication {
  return {
    publication_id: newId('pub'),
    tenant_id: tenantId,
    decisions: [],
    matched: [],
    mitigations: [],
    counters: [],
    ...more,
  }
}

export function sequence(delta: MitigationDelta): number {
  return delta.kind === 'upsert' ? delta.mitigation.sequence : delta.removal.sequence
}
