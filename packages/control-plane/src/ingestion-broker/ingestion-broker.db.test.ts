import { gzipSync } from 'node:zlib'
import { ManualClock, useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createIngestionClient, type IngestionClient, type OutgoingBatch } from '../clients/ingestion-client.js'
import type { ClaimResponse } from '../contract/ingestion.js'
import { type RunningRole, startRole, TEST_SERVICE_TOKEN, testConfig } from '../pipeline-testing/start-role.js'
import { createIngestionBrokerModules } from './module.js'

const database = useDatabase({ name: 'ingestion' })
// Begins now: the database expires by its own clock.
const clock = new ManualClock(Date.now())
let broker: RunningRole
let client: IngestionClient
let url: string

beforeAll(async () => {
  const config = await testConfig(database)
  url = `http://127.0.0.1:${config.ingestionBrokerPort}`
  broker = await startRole(createIngestionBrokerModules, { config, role: 'ingestion-broker', now: () => clock.now() })
  client = createIngestionClient({ url, serviceToken: TEST_SERVICE_TOKEN })
})

afterAll(async () => {
  await client.close()
  await broker.stop()
})

let tenants = 0
/** A tenant of its own for each test; ids sort in the order of the tests. */
function newTenant(): string {
  tenants += 1
  return `ten_${String(tenants).padStart(3, '0')}`
}

function lines(ids: readonly string[], fields: object = { request_path: '/' }): Buffer {
  const header = { format: 1, sdk: 'test/1', revision: 1, instance_id: 'i1' }
  const events = ids.map((id, index) => ({ event_id: id, observed_at: clock.now() + index, fields }))
  return Buffer.from([header, ...events].map((line) => JSON.stringify(line)).join('\n'))
}

function batch(tenantId: string, batchId: string, more: Partial<OutgoingBatch> = {}): OutgoingBatch {
  return {
    tenantId,
    sourceId: 'shop',
    trustLevel: 'Internal',
    apiKeyId: 'key_1',
    batchId,
    events: 2,
    retentionSeconds: 3_600,
    body: lines([`${batchId}-1`, `${batchId}-2`]),
    ...more,
  }
}

async function claim(
  more: { maxBatches?: number; waitMs?: number } = {},
): Promise<NonNullable<ClaimResponse['claim']>> {
  const request = {
    worker_id: 'w1',
    max_batches: more.maxBatches ?? 10,
    wait_ms: more.waitMs ?? 0,
    lease_ms: 5_000,
  }
  const { claim: got } = await client.claim(request)
  if (got === undefined) throw new Error('nothing to claim')
  return got
}

async function nothingToClaim(): Promise<boolean> {
  const answer = await client.claim({ worker_id: 'w1', max_batches: 1, wait_ms: 0, lease_ms: 1_000 })
  return answer.claim === undefined
}

test('a batch is stored once whatever is repeated, and comes back byte for byte', async () => {
  const tenantId = newTenant()
  const sent = batch(tenantId, 'b1', { sourceId: 'café 1/2' })
  expect(await client.accept(sent)).toEqual({ batch_id: 'b1', accepted: 2, duplicate: false })
  expect(await client.accept({ ...sent, events: 9 })).toEqual({ batch_id: 'b1', accepted: 2, duplicate: true })
  const got = await claim()
  expect(got.batches).toHaveLength(1)
  const [first] = got.batches
  expect(first).toMatchObject({ tenant_id: tenantId, source_id: 'café 1/2', batch_id: 'b1', events: 2, attempt: 1 })
  expect(Buffer.from(first?.body ?? '', 'base64').equals(Buffer.from(sent.body))).toBe(true)
  await client.ack(got.claim_id)
  expect(await nothingToClaim()).toBe(true)
  expect(await client.accept(sent)).toMatchObject({ duplicate: true })
  expect(await nothingToClaim()).toBe(true)
})

test('an event tells with which policy set its batch was decided, and that it waits until then', async () => {
  const tenantId = newTenant()
  const named = (id: string, sourceId: string) => batch(tenantId, id, { sourceId, body: lines([`${id}-${sourceId}`]) })
  for (const sent of [named('b1', 'web'), named('b2', 'web'), named('b1', 'shop')]) await client.accept(sent)
  const told = async () => {
    const { items } = await client.events({ tenantId })
    return Object.fromEntries(items.map((one) => [one.event_id, [one.state, one.decided_revision]]))
  }
  const waiting = ['waiting', undefined]
  expect(await told()).toEqual({ 'b1-web': waiting, 'b2-web': waiting, 'b1-shop': waiting })
  const got = await claim()
  expect(got.batches).toHaveLength(3)
  await client.ack(got.claim_id, [
    { batch_id: 'b1', source_id: 'web', revision: 4 },
    { batch_id: 'b2', source_id: 'web', revision: 7 },
  ])
  expect(await told()).toEqual({
    'b1-web': ['decided', 4],
    'b2-web': ['decided', 7],
    'b1-shop': ['decided', undefined],
  })
})

test('what stands in the database is sealed', async () => {
  const tenantId = newTenant()
  await client.accept(batch(tenantId, 'b1', { body: lines(['needle-in-the-hay']) }))
  const stored = await database.connection().collection('batches').findOne({ tenant_id: tenantId })
  expect(stored?.kek_id).toBe('k1')
  expect(Buffer.from(stored?.body.buffer).includes('needle')).toBe(false)
  const got = await claim()
  expect(Buffer.from(got.batches[0]?.body ?? '', 'base64').includes('needle')).toBe(true)
  await client.ack(got.claim_id)
})

test('an acknowledgement may be repeated, a lease that is over may not be used', async () => {
  await client.accept(batch(newTenant(), 'b1'))
  const got = await claim()
  await client.extend(got.claim_id, 5_000)
  await client.ack(got.claim_id)
  await client.ack(got.claim_id)
  await expect(client.extend(got.claim_id, 1_000)).rejects.toMatchObject({ code: 'claim_expired', status: 409 })
  await expect(client.ack('ten_x.unknown')).rejects.toMatchObject({ code: 'claim_expired' })
  await expect(client.release(got.claim_id)).rejects.toMatchObject({ code: 'claim_expired' })
})

test('an expired lease is taken back and delivered again, oldest first', async () => {
  const tenantId = newTenant()
  await client.accept(batch(tenantId, 'b1'))
  await clock.advance(10)
  await client.accept(batch(tenantId, 'b2'))
  const lost = await claim({ maxBatches: 1 })
  expect(lost.batches[0]?.batch_id).toBe('b1')
  await clock.advance(8_000)
  const again = await waitUntil(async () => {
    const { claim: got } = await client.claim({ worker_id: 'w2', max_batches: 10, wait_ms: 0, lease_ms: 5_000 })
    if (got !== undefined && got.batches[0]?.batch_id !== 'b1') await client.release(got.claim_id)
    return got?.batches[0]?.batch_id === 'b1' ? got : undefined
  })
  // One that failed before comes alone, so that it cannot spoil another.
  expect(again.batches.map(({ batch_id, attempt }) => [batch_id, attempt])).toEqual([['b1', 2]])
  await expect(client.ack(lost.claim_id)).rejects.toMatchObject({ code: 'claim_expired' })
  await client.ack(again.claim_id)
  const rest = await claim()
  expect(rest.batches.map(({ batch_id, attempt }) => [batch_id, attempt])).toEqual([['b2', 1]])
  await client.ack(rest.claim_id)
})

test('a batch that fails eight times becomes a dead letter with its last error', async () => {
  const tenantId = newTenant()
  await client.accept(batch(tenantId, 'b1'))
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    const got = await claim()
    expect(got.batches[0]?.attempt).toBe(attempt)
    await client.release(got.claim_id, `boom ${attempt}`)
    await clock.advance(120_000)
  }
  expect(await nothingToClaim()).toBe(true)
  expect(await client.stats(tenantId)).toMatchObject({ batches: 1, events: 2, dead_batches: 1, queued_batches: 0 })
  const stored = await database.connection().collection('batches').findOne({ tenant_id: tenantId })
  expect(stored).toMatchObject({ state: 'dead', last_error: 'boom 8', attempts: 8 })
})

test('giving back without an error costs no attempt', async () => {
  await client.accept(batch(newTenant(), 'b1'))
  const got = await claim()
  await client.release(got.claim_id)
  const again = await claim()
  expect(again.batches[0]?.attempt).toBe(1)
  await client.ack(again.claim_id)
})

test('tenants take turns: a flood of one delays no other', async () => {
  const [flood, small] = [newTenant(), newTenant()]
  for (let index = 0; index < 12; index += 1) await client.accept(batch(flood, `f${index}`))
  await client.accept(batch(small, 's1'))
  const turns = [await claim({ maxBatches: 4 }), await claim({ maxBatches: 4 })]
  expect(new Set(turns.map((turn) => turn.batches[0]?.tenant_id))).toEqual(new Set([flood, small]))
  for (const turn of turns) {
    expect(new Set(turn.batches.map((one) => one.tenant_id)).size).toBe(1)
    await client.ack(turn.claim_id)
  }
  while (!(await drained()));
})

async function drained(): Promise<boolean> {
  const answer = await client.claim({ worker_id: 'w1', max_batches: 10, wait_ms: 0, lease_ms: 5_000 })
  if (answer.claim !== undefined) await client.ack(answer.claim.claim_id)
  return answer.claim === undefined
}

test('two workers never hold the same batch', async () => {
  const tenantId = newTenant()
  for (let index = 0; index < 20; index += 1) await client.accept(batch(tenantId, `p${index}`))
  const request = { worker_id: 'w', max_batches: 3, wait_ms: 0, lease_ms: 60_000 }
  const answers = await Promise.all(Array.from({ length: 12 }, () => client.claim(request)))
  const ids = answers.flatMap((answer) => answer.claim?.batches.map((one) => one.batch_id) ?? [])
  expect(new Set(ids).size).toBe(ids.length)
  for (const answer of answers) if (answer.claim !== undefined) await client.ack(answer.claim.claim_id)
  while (!(await drained()));
  expect(await client.stats(tenantId)).toMatchObject({ batches: 20, queued_batches: 0, leased_batches: 0 })
})

test('a waiting claim is answered as soon as a batch arrives', async () => {
  const tenantId = newTenant()
  const waiting = client.claim({ worker_id: 'w1', max_batches: 1, wait_ms: 20_000, lease_ms: 5_000 })
  await client.accept(batch(tenantId, 'b1'))
  const { claim: got } = await waiting
  expect(got?.batches[0]?.tenant_id).toBe(tenantId)
  await client.ack(got?.claim_id ?? '')
})

test('the feed and a search go through many batches, far apart and at once, each once', async () => {
  const tenantId = newTenant()
  const sent: string[] = []
  const send = async (count: number) => {
    for (let number = 0; number < count; number += 1) {
      const id = `p${String(sent.length).padStart(3, '0')}`
      sent.push(`${id}-1`)
      await client.accept(batch(tenantId, id, { events: 1, body: lines([`${id}-1`]) }))
    }
  }
  for (const [count, thenMs] of [
    [3, 5 * 3_600_000],
    [45, 400_000],
    [1, 20_000],
    [22, 1_000],
  ] as const) {
    await send(count)
    await clock.advance(thenMs)
  }
  for (const limit of [7, 500]) {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await client.events({ tenantId, limit, ...(cursor === undefined ? {} : { cursor }) })
      seen.push(...page.items.map((event) => event.event_id))
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual([...sent].reverse())
  }
  for (const id of [sent[0], sent[3], sent[47], sent[48], sent.at(-1)]) {
    expect(await client.event({ tenantId, eventId: id ?? '' })).toMatchObject({ event_id: id })
  }
  while (!(await drained()));
})

test('the feed pages through a tenant newest first, and only that tenant', async () => {
  const [mine, other] = [newTenant(), newTenant()]
  const from = clock.now()
  for (const id of ['b1', 'b2', 'b3']) {
    await client.accept(batch(mine, id, { body: gzipSync(lines([`${id}-1`, `${id}-2`])), contentEncoding: 'gzip' }))
    await clock.advance(1_000)
  }
  await client.accept(batch(other, 'x1'))
  const seen: string[] = []
  let cursor: string | null | undefined
  do {
    const page = await client.events({ tenantId: mine, from, to: clock.now(), cursor: cursor ?? undefined, limit: 2 })
    seen.push(...page.items.map((event) => event.event_id))
    expect(page.items.every((event) => event.tenant_id === mine)).toBe(true)
    cursor = page.next_cursor
  } while (cursor !== null)
  expect(seen).toEqual(['b3-2', 'b3-1', 'b2-2', 'b2-1', 'b1-2', 'b1-1'])
  const some = await client.events({ tenantId: mine, from: from + 1_000, to: from + 2_000 })
  expect(some.items.map((event) => event.event_id)).toEqual(['b2-2', 'b2-1'])
  while (!(await drained()));
})

test('one event is found by its id, by the tenant it belongs to alone', async () => {
  const [mine, other] = [newTenant(), newTenant()]
  await client.accept(batch(mine, 'b1'))
  expect(await client.event({ tenantId: mine, eventId: 'b1-2' })).toMatchObject({ event_id: 'b1-2', batch_id: 'b1' })
  expect(await client.event({ tenantId: mine, eventId: 'b1-1', observedAt: clock.now() })).toMatchObject({
    event_id: 'b1-1',
  })
  await expect(client.event({ tenantId: other, eventId: 'b1-1' })).rejects.toMatchObject({ code: 'not_found' })
  while (!(await drained()));
})

test('credentials that a sender left in clear are hashed in the feed', async () => {
  const tenantId = newTenant()
  const fields = { headers: { authorization: 'Bearer abc.def.ghi' }, cookies: { session: 's3cret' }, request_path: '/' }
  await client.accept(batch(tenantId, 'b1', { body: lines(['e1'], fields) }))
  const page = await client.events({ tenantId })
  expect(page.items).toHaveLength(1)
  expect(JSON.stringify(page)).not.toMatch(/abc\.def|s3cret/)
  while (!(await drained()));
})

test('bad requests are refused with a code', async () => {
  await expect(client.accept(batch('a b', 'b1'))).rejects.toMatchObject({ code: 'validation_failed' })
  await expect(client.accept(batch('ten_1', 'b1', { events: 501 }))).rejects.toMatchObject({ status: 422 })
  const big = Buffer.alloc(1_048_577)
  await expect(client.accept(batch('ten_1', 'big', { body: big }))).rejects.toMatchObject({ code: 'body_too_large' })
  await expect(client.events({ tenantId: 'ten_1', cursor: '!!' })).rejects.toMatchObject({ code: 'malformed_request' })
  const stranger = createIngestionClient({ url, serviceToken: 'x'.repeat(40) })
  await expect(stranger.stats()).rejects.toMatchObject({ code: 'dependency_unavailable' })
  await stranger.close()
})
