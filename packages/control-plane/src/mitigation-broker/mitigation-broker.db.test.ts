import type { MitigationDelta } from '@esper/core'
import { ManualClock, useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EventParser, readEvents } from '../clients/event-reader.js'
import { createMitigationClient, type MitigationClient } from '../clients/mitigation-client.js'
import type { DecisionRecord, MitigationUpsert, Publication } from '../contract/mitigation.js'
import { type RunningRole, startRole, TEST_SERVICE_TOKEN, testConfig } from '../pipeline-testing/start-role.js'
import { createMitigationBrokerModules } from './module.js'

const MINUTE = 60_000
const DAY = 86_400_000
/** Today, since the database expires by its own clock; at noon, so that no test straddles a day by chance. */
const START = Math.floor(Date.now() / DAY) * DAY + DAY / 2

const database = useDatabase({ name: 'mitigation' })
const clock = new ManualClock(START)
const brokers: RunningRole[] = []
const clients: MitigationClient[] = []
let client: MitigationClient
let second: MitigationClient

beforeAll(async () => {
  for (const _ of [1, 2]) {
    const config = await testConfig(database)
    const role = 'mitigation-broker'
    brokers.push(await startRole(createMitigationBrokerModules, { config, role, now: () => clock.now() }))
    const url = `http://127.0.0.1:${config.mitigationBrokerPort}`
    clients.push(createMitigationClient({ url, serviceToken: TEST_SERVICE_TOKEN }))
  }
  const [one, two] = clients
  if (one === undefined || two === undefined) throw new Error('two brokers are needed')
  client = one
  second = two
})

afterAll(async () => {
  for (const one of clients) await one.close()
  for (const broker of brokers) await broker.stop()
})

let ids = 0
function newId(prefix: string): string {
  ids += 1
  return `${prefix}_${ids}`
}

function decision(tenantId: string, more: Partial<DecisionRecord> = {}): DecisionRecord {
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

function upsert(entityKey: string, more: Partial<MitigationUpsert> = {}): MitigationUpsert {
  return {
    policy_id: 'pol_a',
    mitigation_id: 'mit_a',
    counting_scope: 'tenant',
    entity_key: entityKey,
    since: clock.now(),
    expires_at: clock.now() + 600_000,
    revision: 3,
    ...more,
  }
}

function publication(tenantId: string, more: Partial<Publication> = {}): Publication {
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

const sequence = (delta: MitigationDelta) =>
  delta.kind === 'upsert' ? delta.mitigation.sequence : delta.removal.sequence

async function page(tenantId: string, since = 0) {
  return await client.deltas({ tenantId, scope: 'tenant', since })
}

describe('publications', () => {
  test('are applied once, however often and however many at once they come', async () => {
    const tenantId = newId('ten')
    const decisions = [decision(tenantId), decision(tenantId, { outcome: 'observe', policy_id: 'pol_b' })]
    const counters = [{ minute: START, name: 'events', value: 2 }]
    const sent = publication(tenantId, { decisions, counters, mitigations: [upsert('e1')] })
    const answers = await Promise.all([client.publish(sent), second.publish(sent), client.publish(sent)])
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
    expect(await client.publish(sent)).toEqual({ duplicate: true })
    const results = await client.policyResults({ tenantId, from: START, to: START + MINUTE })
    expect(results.counters).toEqual({ events: 2 })
    expect(results.items.map((item) => [item.policy_id, item.total, item.block_count, item.observe_count])).toEqual([
      ['pol_a', 1, 1, 0],
      ['pol_b', 1, 0, 1],
    ])
    expect((await page(tenantId)).deltas).toHaveLength(1)
  })

  test('count an event that was sent in two batches once', async () => {
    const tenantId = newId('ten')
    const twice = decision(tenantId)
    await client.publish(publication(tenantId, { decisions: [twice] }))
    await client.publish(publication(tenantId, { decisions: [twice, decision(tenantId)] }))
    const results = await client.policyResults({ tenantId, from: START, to: START + MINUTE })
    expect(results.items[0]).toMatchObject({ total: 2, block_count: 2 })
    expect((await client.decisions({ tenantId })).items).toHaveLength(2)
  })

  test('of many workers at once add up exactly', async () => {
    const tenantId = newId('ten')
    const sent = Array.from({ length: 24 }, (_, index) =>
      publication(tenantId, {
        decisions: [decision(tenantId, { observed_at: START + (index % 3) * MINUTE })],
        matched: [
          { policy_id: 'pol_a', minute: START, matched: 2, not_captured: 1, closest_n: index, last_matched_at: START },
        ],
        mitigations: [upsert(`parallel-${index}`)],
      }),
    )
    await Promise.all(sent.map((one, index) => (index % 2 === 0 ? client : second).publish(one)))
    const [item] = (await client.policyResults({ tenantId, from: START, to: START + 5 * MINUTE })).items
    expect(item).toMatchObject({ total: 24, matched_count: 48, not_captured_count: 24, closest_n: 23 })
    const sequences = (await page(tenantId)).deltas.map(sequence)
    expect(sequences).toHaveLength(24)
    expect(new Set(sequences).size).toBe(24)
    expect([...sequences].sort((a, b) => a - b)).toEqual(sequences)
  })

  test('that make no sense are refused', async () => {
    const bad = { ...publication('ten_x'), decisions: [{ ...decision('ten_x'), outcome: 'explode' }] }
    const answer = client.service.request({ method: 'POST', path: '/publications', json: bad })
    await expect(answer).rejects.toMatchObject({ code: 'validation_failed' })
  })
})

describe('results', () => {
  test('count what was enforced, cleared and shadowed, in the span asked for', async () => {
    const tenantId = newId('ten')
    const at = (minute: number) => ({ observed_at: START + minute * MINUTE })
    const decisions = [
      decision(tenantId, { ...at(0), enforced: true }),
      decision(tenantId, { ...at(1), outcome: 'challenge', cleared: true }),
      decision(tenantId, { ...at(2), shadowed: true }),
      decision(tenantId, at(90)),
    ]
    await client.publish(publication(tenantId, { decisions }))
    const [item] = (await client.policyResults({ tenantId, from: START, to: START + 60 * MINUTE })).items
    expect(item).toMatchObject({ total: 3, block_count: 2, challenge_count: 1 })
    expect(item).toMatchObject({ enforced_count: 1, cleared_count: 1, shadowed_count: 1 })
    const [day] = (await client.policyResults({ tenantId, from: START - 3 * DAY, to: START + 3 * DAY })).items
    expect(day?.total).toBe(4)
  })

  test('are the same however the span is cut', async () => {
    const tenantId = newId('ten')
    const decisions = Array.from({ length: 60 }, (_, index) =>
      decision(tenantId, { observed_at: START + index * 53 * MINUTE }),
    )
    await client.publish(publication(tenantId, { decisions }))
    const from = START + 17 * MINUTE
    const to = START + 41 * 60 * MINUTE
    const expected = decisions.filter((one) => one.observed_at >= from && one.observed_at < to).length
    const [whole] = (await client.policyResults({ tenantId, from, to })).items
    expect(whole?.total).toBe(expected)
    const middle = START + 25 * 60 * MINUTE + 7 * MINUTE
    const parts = await Promise.all([
      client.policyResults({ tenantId, from, to: middle }),
      client.policyResults({ tenantId, from: middle, to }),
    ])
    expect(parts.reduce((sum, { items }) => sum + (items[0]?.total ?? 0), 0)).toBe(expected)
  })

  test('come as a series with every step', async () => {
    const tenantId = newId('ten')
    const decisions = [decision(tenantId), decision(tenantId, { outcome: 'observe', policy_id: 'pol_b' })]
    const counters = [{ minute: START, name: 'events', value: 7 }]
    await client.publish(publication(tenantId, { decisions, counters }))
    const series = await client.series({ tenantId, from: START - 2 * MINUTE, to: START + 2 * MINUTE })
    expect(series).toEqual({
      step_seconds: 60,
      items: [-2, -1, 0, 1].map((minute) => ({
        at: START + minute * MINUTE,
        events: minute === 0 ? 7 : 0,
        observe: minute === 0 ? 1 : 0,
        challenge: 0,
        block: minute === 0 ? 1 : 0,
      })),
    })
    const span = { tenantId, from: START - 7 * DAY, to: START + DAY }
    expect(await client.series({ ...span, policyId: 'pol_b' })).toMatchObject({ step_seconds: 3_600 })
  })

  test('list decisions newest first, page by page, of one tenant alone', async () => {
    const [tenantId, other] = [newId('ten'), newId('ten')]
    const decisions = [3, 1, 2].map((minute) => decision(tenantId, { observed_at: START + minute * MINUTE }))
    await client.publish(publication(tenantId, { decisions }))
    await client.publish(publication(other, { decisions: [decision(other)] }))
    const first = await client.decisions({ tenantId, policyId: 'pol_a', limit: 2 })
    const rest = await client.decisions({ tenantId, policyId: 'pol_a', limit: 2, cursor: first.next_cursor ?? '' })
    const minutes = [...first.items, ...rest.items].map((one) => (one.observed_at - START) / MINUTE)
    expect(minutes).toEqual([3, 2, 1])
    expect(rest.next_cursor).toBeNull()
  })
})

describe('mitigations', () => {
  test('are extended only after half of their time, and never shortened', async () => {
    const tenantId = newId('ten')
    await client.publish(publication(tenantId, { mitigations: [upsert('e')] }))
    const created = (await page(tenantId)).cursor
    const soon = { since: clock.now() + 200_000, expires_at: clock.now() + 800_000 }
    await client.publish(publication(tenantId, { mitigations: [upsert('e', soon)] }))
    expect((await page(tenantId, created)).deltas).toEqual([])
    const late = { since: clock.now() + 400_000, expires_at: clock.now() + 1_000_000 }
    await client.publish(publication(tenantId, { mitigations: [upsert('e', late)] }))
    const { deltas } = await page(tenantId, created)
    expect(deltas).toMatchObject([{ kind: 'upsert', mitigation: { expires_at: late.expires_at, since: clock.now() } }])
  })

  test('whose time is over are not created', async () => {
    const tenantId = newId('ten')
    const past = { since: clock.now() - DAY, expires_at: clock.now() - 1 }
    await client.publish(publication(tenantId, { mitigations: [upsert('e', past)] }))
    expect((await page(tenantId)).deltas).toEqual([])
  })

  test('are seen by their own counting scope and tenant alone', async () => {
    const [tenantId, other] = [newId('ten'), newId('ten')]
    const mitigations = [upsert('e1'), upsert('e2', { counting_scope: 'source:partner' })]
    await client.publish(publication(tenantId, { mitigations }))
    const keys = async (tenant: string, scope: 'tenant' | 'source:partner') => {
      const { deltas } = await client.deltas({ tenantId: tenant, scope, since: 0 })
      return deltas.map((delta) => (delta.kind === 'upsert' ? delta.mitigation.entity_key : 'removed'))
    }
    expect(await keys(tenantId, 'tenant')).toEqual(['e1'])
    expect(await keys(tenantId, 'source:partner')).toEqual(['e2'])
    expect(await keys(other, 'tenant')).toEqual([])
    expect((await client.live({ tenantId: other })).items).toEqual([])
  })

  test('end with their policy, and what follows from an older policy set is refused', async () => {
    const tenantId = newId('ten')
    await client.publish(publication(tenantId, { mitigations: [upsert('e1'), upsert('e2', { policy_id: 'pol_b' })] }))
    const { cursor } = await page(tenantId)
    expect(await client.end({ tenant_id: tenantId, revision: 4, policy_ids: ['pol_a'] })).toEqual({ ended: 1 })
    expect(await client.end({ tenant_id: tenantId, revision: 4, policy_ids: ['pol_a'] })).toEqual({ ended: 0 })
    expect((await page(tenantId, cursor)).deltas).toMatchObject([{ kind: 'remove', removal: { entity_key: 'e1' } }])
    await client.publish(publication(tenantId, { mitigations: [upsert('late', { revision: 3 })] }))
    await client.publish(publication(tenantId, { mitigations: [upsert('new', { revision: 4 })] }))
    const live = (await client.live({ tenantId })).items.map((item) => item.entity_key)
    expect(live).toEqual(['new', 'e2'])
  })

  test('are released, and matches before the release create none', async () => {
    const tenantId = newId('ten')
    await client.publish(publication(tenantId, { mitigations: [upsert('e')] }))
    const [item] = (await client.live({ tenantId })).items
    const release = { active_mitigation_id: item?.active_mitigation_id ?? '', not_before: clock.now() + 5_000 }
    expect(await client.release({ tenant_id: newId('ten'), ...release })).toEqual({ released: false })
    expect(await client.release({ tenant_id: tenantId, ...release })).toEqual({ released: true })
    expect(await client.release({ tenant_id: tenantId, ...release })).toEqual({ released: false })
    const before = upsert('e', { since: clock.now() + 1_000 })
    await client.publish(publication(tenantId, { mitigations: [before] }))
    expect((await client.live({ tenantId })).items).toEqual([])
    const keys = [{ policy_id: 'pol_a', entity_key: 'e' }]
    const span = { from: clock.now() + DAY, to: clock.now() + DAY }
    const found = await client.lookup({ tenant_id: tenantId, counting_scope: 'tenant', ...span, keys })
    expect(found).toMatchObject([{ not_before: release.not_before }])
    const after = upsert('e', { since: clock.now() + 6_000 })
    await client.publish(publication(tenantId, { mitigations: [after] }))
    expect((await client.live({ tenantId })).items).toHaveLength(1)
  })

  test('are looked up by entity and time', async () => {
    const tenantId = newId('ten')
    await client.publish(publication(tenantId, { mitigations: [upsert('e1'), upsert('e2')] }))
    const keys = [
      { policy_id: 'pol_a', entity_key: 'e1' },
      { policy_id: 'pol_b', entity_key: 'e2' },
    ]
    const at = (from: number, to: number) =>
      client.lookup({ tenant_id: tenantId, counting_scope: 'tenant', from, to, keys })
    expect((await at(clock.now(), clock.now() + 1)).map((one) => one.entity_key)).toEqual(['e1'])
    expect(await at(clock.now() + 600_000, clock.now() + 700_000)).toEqual([])
  })

  test('come with a cursor that misses nothing, and in full when the cursor is not ours', async () => {
    const tenantId = newId('ten')
    await client.publish(publication(tenantId, { mitigations: [upsert('e1')] }))
    const first = await page(tenantId)
    expect(first).toMatchObject({ full: true })
    await client.publish(publication(tenantId, { mitigations: [upsert('e2')] }))
    const next = await page(tenantId, first.cursor)
    expect(next.full).toBe(false)
    expect(next.deltas).toHaveLength(1)
    expect(next.cursor).toBeGreaterThan(first.cursor)
    expect((await page(tenantId, next.cursor)).deltas).toEqual([])
    const foreign = await page(tenantId, next.cursor + 1_000)
    expect(foreign).toMatchObject({ full: true, cursor: next.cursor })
    expect(foreign.deltas).toHaveLength(2)
  })
})

test('every broker streams what any of them wrote, in the order of sequences', async () => {
  const tenantId = newId('ten')
  const seen: number[] = []
  const open = () =>
    readEvents({
      client: second.service,
      path: '/stream',
      onEvent: ({ event, data }) => {
        if (event === 'hello') hellos += 1
        if (event !== 'mitigation') return
        const message: { tenant_id: string; delta: MitigationDelta } = JSON.parse(data)
        if (message.tenant_id === tenantId) seen.push(sequence(message.delta))
      },
    })
  let hellos = 0
  const reader = open()
  await waitUntil(() => hellos > 0)
  for (let index = 0; index < 6; index += 1) {
    await client.publish(publication(tenantId, { mitigations: [upsert(`s${index}`)] }))
  }
  await client.end({ tenant_id: tenantId, revision: 9, policy_ids: ['pol_a'] })
  await waitUntil(() => seen.length === 12)
  await reader.close()
  expect([...seen].sort((a, b) => a - b)).toEqual(seen)
  expect((await page(tenantId, 1)).cursor).toBe(seen.at(-1))
})

test('a reader that comes back with its last id gets what it missed', async () => {
  const tenantId = newId('ten')
  const first = await readStream(undefined, { tenantId, count: 1, write: 'r1' })
  await client.publish(publication(tenantId, { mitigations: [upsert('r2')] }))
  const missed = await readStream(first.lastId, { tenantId, count: 1 })
  expect(missed).toMatchObject({ resumed: true, entities: ['r2'] })
  const foreign = await readStream('no-token-of-ours', { tenantId, count: 1, write: 'r3' })
  expect(foreign).toMatchObject({ resumed: false, entities: ['r3'] })
})

/** Reads the second broker's stream until so many changes of the tenant have come; `write` is written once it is open. */
async function readStream(
  lastId: string | undefined,
  { tenantId, count, write }: { readonly tenantId: string; readonly count: number; readonly write?: string },
) {
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
  const { body } = await second.service.open({ method: 'GET', path: '/stream', headers, timeoutMs: 10_000 })
  const parser = new EventParser()
  const got = { resumed: undefined as boolean | undefined, entities: [] as string[], lastId: '' }
  for await (const chunk of body.setEncoding('utf8')) {
    for (const { event, data, id } of parser.push(String(chunk))) {
      const message: { resumed?: boolean; tenant_id?: string; delta?: MitigationDelta } = JSON.parse(data)
      if (event === 'hello') got.resumed = message.resumed
      if (event === 'hello' && write !== undefined) {
        await client.publish(publication(tenantId, { mitigations: [upsert(write)] }))
      }
      if (message.tenant_id !== tenantId || message.delta?.kind !== 'upsert') continue
      got.entities.push(message.delta.mitigation.entity_key)
      got.lastId = id ?? ''
    }
    if (got.entities.length >= count) break
  }
  return got
}
