import type { EventLine, SdkDecision } from '@esper/core'
import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PolicyCounts } from '../contract/mitigation.js'
import { createLogger } from '../observability/logger.js'
import { Died, diesAfter, type Pipeline, startPipeline } from '../pipeline-testing/pipeline.js'
import { policyContent, type TestPolicy } from '../pipeline-testing/policy-content.js'
import { type ClaimStep, processClaim } from './process-claim.js'
import { createWorker } from './worker.js'

const database = useDatabase({ name: 'engine' })
let pipeline: Pipeline

beforeAll(async () => {
  pipeline = await startPipeline(database)
  await waitUntil(() => pipeline.policies.connected)
})
afterAll(() => pipeline.close())

let ids = 0
function newId(prefix: string): string {
  ids += 1
  return `${prefix}_${ids}`
}

const LOGIN = 'request_path = "/login"'
const login: TestPolicy = {
  policy_id: 'pol_login',
  expression: LOGIN,
  entity_definition_id: 'ent_ip',
  mitigation_id: 'mit_block',
  window: { seconds: 60, threshold: 3 },
}

/** A tenant with these policies in force at a revision. */
function tenantWith(policies: readonly TestPolicy[], more: { revision?: number; tenantId?: string } = {}): string {
  const tenantId = more.tenantId ?? newId('ten')
  pipeline.policyServer.publish(policyContent({ tenantId, revision: more.revision ?? 1, policies }))
  return tenantId
}

interface EventMore {
  readonly path?: string
  readonly ip?: string
  readonly decision?: SdkDecision
  readonly fields?: Readonly<Record<string, string>>
}

/** An event at so many seconds after the clock's time. */
function event(seconds: number, more: EventMore = {}): EventLine {
  const { path = '/login', ip = '192.0.2.1', decision, fields = {} } = more
  return {
    event_id: newId('ev'),
    observed_at: pipeline.clock.now() + seconds * 1_000,
    fields: { request_method: 'POST', request_path: path, client_ip: ip, user_agent: 'curl/8', ...fields },
    ...(decision === undefined ? {} : { decision }),
  }
}

async function results(tenantId: string) {
  const now = pipeline.clock.now()
  const { items, counters } = await pipeline.mitigation.policyResults({
    tenantId,
    from: now - 86_400_000,
    to: now + 86_400_000,
  })
  const policies = new Map(items.map((item): [string, PolicyCounts] => [item.policy_id, item]))
  return { counters, of: (policyId: string) => policies.get(policyId) }
}

/** What every event came to, in the order of time: `policy:outcome` and what else there is to say. */
async function verdicts(tenantId: string): Promise<string[]> {
  const { items } = await pipeline.mitigation.decisions({ tenantId, limit: 500 })
  return [...items]
    .sort((a, b) => a.observed_at - b.observed_at || (a.policy_id < b.policy_id ? -1 : 1))
    .map((one) => {
      const flags = (['enforced', 'cleared', 'shadowed'] as const).filter((flag) => one[flag])
      const n = one.n === undefined ? [] : [`n${one.n}`]
      return [one.policy_id, one.outcome, one.origin, ...n, ...flags].join(' ')
    })
}

const MINUTE_BACK = -60

describe('counting', () => {
  test('a stream computed by hand: the third login in a minute is blocked, another address is not', async () => {
    const tenantId = tenantWith([login])
    const at = (seconds: number, more: EventMore = {}) => event(MINUTE_BACK + seconds, more)
    await pipeline.send({
      tenantId,
      revision: 1,
      events: [at(0), at(5), at(6, { ip: '192.0.2.9' }), at(7, { path: '/' }), at(10), at(20)],
    })
    await pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_login block policy n3', 'pol_login block policy n4'])
    const { counters, of } = await results(tenantId)
    expect(counters).toEqual({ events: 6 })
    expect(of('pol_login')).toMatchObject({ total: 2, block_count: 2, matched_count: 5, closest_n: 4 })
    const { items } = await pipeline.mitigation.live({ tenantId })
    expect(items).toHaveLength(1)
    expect(items[0]).toMatchObject({ policy_id: 'pol_login', since: pipeline.clock.now() - 50_000 })
    expect(items[0]?.expires_at).toBe(pipeline.clock.now() - 50_000 + 600_000)
    expect(items[0]?.entity).toEqual([['client_ip', '192.0.2.1']])
  })

  test('n follows from stored counts, whatever way events are cut into batches', async () => {
    const whole = tenantWith([login])
    const cut = tenantWith([login])
    const seconds = [0, 1, 2, 40, 59, 60, 61, 63, 130, 131, 135, 190]
    const events = seconds.map((second) => event(second - 200))
    await pipeline.send({ tenantId: whole, revision: 1, events })
    await pipeline.drain()
    for (const one of events) {
      await pipeline.send({ tenantId: cut, revision: 1, events: [one] })
      await pipeline.drain()
    }
    const expected = await verdicts(whole)
    expect(expected.length).toBeGreaterThan(3)
    expect(await verdicts(cut)).toEqual(expected)
  })

  test('different values are counted where a policy says so', async () => {
    const distinct = { ...login, window: { seconds: 60, threshold: 3, distinct: 'user_agent' } }
    const tenantId = tenantWith([distinct])
    const agents = ['a', 'a', 'b', 'a', 'b', 'c']
    const events = agents.map((agent, index) => event(index - 30, { fields: { user_agent: agent } }))
    await pipeline.send({ tenantId, revision: 1, events: events.slice(0, 3) })
    await pipeline.drain()
    await pipeline.send({ tenantId, revision: 1, events: events.slice(3) })
    await pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_login block policy n3'])
  })

  test('internal sources count together, an external one alone', async () => {
    const tenantId = tenantWith([login])
    const events = () => [event(-20), event(-19)]
    await pipeline.send({ tenantId, revision: 1, sourceId: 'web', trustLevel: 'Internal', events: events() })
    await pipeline.send({ tenantId, revision: 1, sourceId: 'app', trustLevel: 'Trusted', events: [event(-10)] })
    await pipeline.send({ tenantId, revision: 1, sourceId: 'partner', trustLevel: 'External', events: events() })
    await pipeline.drain()
    const { items } = await pipeline.mitigation.decisions({ tenantId })
    expect(items.map((one) => [one.source_id, one.counting_scope, one.n])).toEqual([['app', 'tenant', 3]])
    await pipeline.send({ tenantId, revision: 1, sourceId: 'partner', trustLevel: 'External', events: [event(-5)] })
    await pipeline.drain()
    const partner = (await pipeline.mitigation.live({ tenantId })).items.find((one) => one.counting_scope !== 'tenant')
    expect(partner?.counting_scope).toBe('source:partner')
    const { deltas } = await pipeline.mitigation.deltas({ tenantId, scope: 'tenant', since: 0 })
    expect(deltas).toHaveLength(1)
  })

  test('tenants share nothing', async () => {
    const [one, other] = [tenantWith([login]), tenantWith([login])]
    for (const tenantId of [one, other, one, other]) {
      await pipeline.send({ tenantId, revision: 1, events: [event(-10)] })
    }
    await pipeline.drain()
    expect((await results(one)).of('pol_login')).toMatchObject({ total: 0, matched_count: 2, closest_n: 2 })
    expect((await results(other)).of('pol_login')).toMatchObject({ total: 0, matched_count: 2 })
  })
})

describe('time', () => {
  test('last week counts in its own week and blocks nobody today', async () => {
    const tenantId = tenantWith([login])
    const week = -7 * 86_400
    await pipeline.send({ tenantId, revision: 1, events: [0, 1, 2].map((second) => event(week + second)) })
    await pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_login block policy n3'])
    expect((await pipeline.mitigation.live({ tenantId })).items).toEqual([])
  })

  test('the future is taken for now', async () => {
    const tenantId = tenantWith([{ ...login, window: { seconds: 60, threshold: 2 } }])
    await pipeline.send({ tenantId, revision: 1, events: [event(86_400), event(30)] })
    await pipeline.drain()
    const { items } = await pipeline.mitigation.decisions({ tenantId })
    expect(items.map((one) => one.observed_at - pipeline.clock.now())).toEqual([30_000])
  })
})

describe('what a sender says', () => {
  const block = { ...login, policy_id: 'pol_block', window: { seconds: 60, threshold: 100 } }
  const always = { policy_id: 'pol_always', expression: LOGIN, mitigation_id: 'mit_block' }

  test('its place and trust come from its key', async () => {
    const spy = { policy_id: 'pol_spy', expression: 'trust_level = "Trusted" or source_id = "other"' }
    const tenantId = tenantWith([spy])
    const fields = { trust_level: 'Trusted', source_id: 'other' }
    await pipeline.send({ tenantId, revision: 1, trustLevel: 'External', events: [event(-1, { fields })] })
    await pipeline.drain()
    expect((await results(tenantId)).of('pol_spy')).toBeUndefined()
  })

  test('its own threshold is believed when policy, fields and outcome check out', async () => {
    const tenantId = tenantWith([block, always])
    const decision: SdkDecision = { revision: 1, policy_id: 'pol_block', outcome: 'block', enforced: true, n: 100 }
    await pipeline.send({ tenantId, revision: 1, events: [event(-1, { decision })] })
    await pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([
      'pol_always block policy shadowed',
      'pol_block block policy n100 enforced',
    ])
    expect((await results(tenantId)).counters).toEqual({ events: 1 })
  })

  test.each<[string, Partial<SdkDecision>, EventMore]>([
    ['a policy that never was', { policy_id: 'pol_none' }, {}],
    ['a revision that never was', { revision: 99 }, {}],
    ['another outcome than its mode', { outcome: 'challenge' }, {}],
    ['fields that do not match', {}, { path: '/other' }],
    ['a mitigation that was not live', { active_mitigation_id: 'am_none', origin: 'active_mitigation' }, {}],
  ])('is rejected and counted: %s', async (_name, wrong, more) => {
    const tenantId = tenantWith([block])
    const decision: SdkDecision = { revision: 1, policy_id: 'pol_block', outcome: 'block', enforced: true, ...wrong }
    await pipeline.send({ tenantId, revision: 1, events: [event(-1, { ...more, decision })] })
    await pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([])
    expect((await results(tenantId)).counters).toEqual({ events: 1, sdk_decision_rejected: 1 })
  })

  test('a mitigation that was live is believed', async () => {
    const tenantId = tenantWith([login])
    await pipeline.send({ tenantId, revision: 1, events: [event(-30), event(-29), event(-28)] })
    await pipeline.drain()
    const [live] = (await pipeline.mitigation.live({ tenantId })).items
    const decision: SdkDecision = {
      revision: 1,
      policy_id: 'pol_login',
      outcome: 'block',
      enforced: true,
      origin: 'active_mitigation',
      active_mitigation_id: live?.active_mitigation_id ?? '',
    }
    await pipeline.send({ tenantId, revision: 1, events: [event(20, { decision })] })
    await pipeline.drain()
    expect((await verdicts(tenantId)).at(-1)).toBe('pol_login block active_mitigation n4 enforced')
    expect((await results(tenantId)).counters).toEqual({ events: 4 })
  })

  test('a cleared challenge is recorded and the walk goes on', async () => {
    const challenge = { policy_id: 'pol_c', expression: LOGIN, mitigation_id: 'mit_challenge' }
    const tenantId = tenantWith([challenge, always])
    const decision: SdkDecision = {
      revision: 1,
      policy_id: 'pol_always',
      outcome: 'block',
      enforced: true,
      cleared: ['pol_c'],
    }
    await pipeline.send({ tenantId, revision: 1, events: [event(-1, { decision }), event(-1)] })
    await pipeline.drain()
    expect([...(await verdicts(tenantId))].sort()).toEqual([
      'pol_always block policy enforced',
      'pol_always block policy shadowed',
      'pol_c challenge policy',
      'pol_c challenge policy cleared',
    ])
  })

  test('what was not captured is neither matched nor unmatched', async () => {
    const tenantId = tenantWith([{ policy_id: 'pol_q', expression: '$exists(query.debug)' }])
    await pipeline.send({ tenantId, revision: 0, events: [event(-1)] })
    await pipeline.send({ tenantId, revision: 1, events: [event(-1)] })
    await pipeline.drain()
    expect((await results(tenantId)).of('pol_q')).toMatchObject({ not_captured_count: 1, matched_count: 0, total: 0 })
  })

  test('bad lines are counted by reason and spoil nothing', async () => {
    const tenantId = tenantWith([always])
    const good = event(-1)
    const lines: readonly unknown[] = [good, { ...good }, { observed_at: 1 }, { ...event(-1), fields: [] }]
    const body = [
      JSON.stringify({ format: 1, sdk: 'x', revision: 1, instance_id: 'i' }),
      ...lines.map((line) => JSON.stringify(line)),
      '{"event_id": "broken',
      `${'['.repeat(100_000)}`,
      `{"event_id":"deep","observed_at":1,"fields":{"a":${'['.repeat(40)}${']'.repeat(40)}}}`,
    ].join('\n')
    await pipeline.ingestion.accept({
      tenantId,
      sourceId: 'shop',
      trustLevel: 'Internal',
      apiKeyId: 'k',
      batchId: newId('b'),
      events: 7,
      retentionSeconds: 3_600,
      body: Buffer.from(body),
    })
    await pipeline.drain()
    expect((await results(tenantId)).counters).toEqual({
      events: 1,
      'bad_event:duplicate_event_id': 1,
      'bad_event:bad_event_id': 1,
      'bad_event:bad_fields': 1,
      'bad_event:bad_json': 2,
      'bad_event:too_deep': 1,
    })
    expect((await results(tenantId)).of('pol_always')).toMatchObject({ total: 1 })
  })
})

describe('active mitigations', () => {
  test('of scope entity hold every request of the entity, in the same claim and later', async () => {
    const tenantId = tenantWith([{ ...login, mitigation_id: 'mit_block_entity' }])
    const events = [
      event(-9),
      event(-8),
      event(-7),
      event(-6, { path: '/' }),
      event(-5, { path: '/', ip: '192.0.2.7' }),
    ]
    await pipeline.send({ tenantId, revision: 1, events })
    await pipeline.drain()
    await pipeline.send({ tenantId, revision: 1, events: [event(-4, { path: '/later' })] })
    await pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([
      'pol_login block policy n3',
      'pol_login block active_mitigation',
      'pol_login block active_mitigation',
    ])
  })

  test('are forgotten with the matches before a release', async () => {
    const tenantId = tenantWith([login])
    await pipeline.send({ tenantId, revision: 1, events: [event(-9), event(-8), event(-7)] })
    await pipeline.drain()
    const [live] = (await pipeline.mitigation.live({ tenantId })).items
    const notBefore = pipeline.clock.now() - 5_000
    const id = live?.active_mitigation_id ?? ''
    await pipeline.mitigation.release({ tenant_id: tenantId, active_mitigation_id: id, not_before: notBefore })
    await pipeline.send({ tenantId, revision: 1, events: [event(1), event(2), event(3)] })
    await pipeline.drain()
    expect((await verdicts(tenantId)).slice(1)).toEqual(['pol_login block policy n3'])
  })

  test('a new revision is in force at once', async () => {
    const tenantId = tenantWith([login])
    await pipeline.send({ tenantId, revision: 1, events: [event(-9), event(-8)] })
    await pipeline.drain()
    tenantWith([{ ...login, mitigation_id: 'mit_monitor', window: { seconds: 60, threshold: 2 } }], {
      tenantId,
      revision: 2,
    })
    await waitUntil(async () => (await pipeline.policies.latest(tenantId))?.set.revision === 2)
    await pipeline.send({ tenantId, revision: 1, events: [event(-7)] })
    await pipeline.drain()
    // Threshold and mode changed, what is counted did not: the count goes on.
    expect(await verdicts(tenantId)).toEqual(['pol_login observe policy n3'])
    expect((await pipeline.mitigation.live({ tenantId })).items).toEqual([])
  })
})

describe('a worker that dies', () => {
  test.each<ClaimStep>(['prepared', 'committed', 'published', 'acknowledged'])(
    'after %s loses nothing and counts nothing twice',
    async (step) => {
      const tenantId = tenantWith([login])
      await pipeline.send({ tenantId, revision: 1, events: [event(-9), event(-8), event(-7), event(-6)] })
      const claim = await pipeline.claim()
      if (claim === undefined) throw new Error('nothing to claim')
      await expect(processClaim({ ...pipeline.parts, ...diesAfter(step) }, claim)).rejects.toThrow(Died)
      await pipeline.clock.advance(31_000)
      await waitUntil(async () => {
        await pipeline.drain()
        const stats = await pipeline.ingestion.stats(tenantId)
        return stats.queued_batches + stats.leased_batches === 0
      })
      await pipeline.send({ tenantId, revision: 1, events: [event(-31)] })
      await pipeline.drain()
      const { counters, of } = await results(tenantId)
      expect(counters).toEqual({ events: 5 })
      expect(of('pol_login')).toMatchObject({ total: 3, matched_count: 5, closest_n: 5 })
      const sequence = (await pipeline.mitigation.live({ tenantId })).items.map((item) => item.sequence)
      expect(sequence).toHaveLength(1)
    },
  )

  test('leaves publications that another one delivers, even when the batch never comes again', async () => {
    const tenantId = tenantWith([login])
    await pipeline.send({ tenantId, revision: 1, events: [event(-9), event(-8), event(-7)] })
    const claim = await pipeline.claim()
    if (claim === undefined) throw new Error('nothing to claim')
    await expect(processClaim({ ...pipeline.parts, ...diesAfter('committed') }, claim)).rejects.toThrow(Died)
    await pipeline.ingestion.ack(claim.claim_id)
    const worker = createWorker({
      workerId: 'w2',
      ingestion: pipeline.ingestion,
      parts: pipeline.parts,
      logger: createLogger({ level: 'silent', service: 'test' }),
      maxBatches: 1,
      waitMs: 0,
      leaseMs: 1_000,
    })
    expect(await worker.recover()).toBe(0)
    await pipeline.clock.advance(61_000)
    expect(await worker.recover()).toBe(1)
    expect(await worker.recover()).toBe(0)
    expect((await results(tenantId)).of('pol_login')).toMatchObject({ total: 1 })
  })

  test('and comes back to life after another took over changes nothing', async () => {
    const tenantId = tenantWith([login])
    await pipeline.send({ tenantId, revision: 1, events: [event(-9), event(-8), event(-7)] })
    const stale = await pipeline.claim()
    if (stale === undefined) throw new Error('nothing to claim')
    await pipeline.clock.advance(31_000)
    await waitUntil(async () => (await pipeline.drain()) > 0)
    await expect(processClaim(pipeline.parts, stale)).rejects.toMatchObject({ code: 'claim_expired' })
    const { counters, of } = await results(tenantId)
    expect(counters).toEqual({ events: 3 })
    expect(of('pol_login')).toMatchObject({ total: 1, matched_count: 3 })
  })
})

test('several workers at once on one hot entity count exactly', async () => {
  const tenantId = tenantWith([{ ...login, mitigation_id: 'mit_monitor', window: { seconds: 600, threshold: 1 } }])
  const batches = 12
  for (let batch = 0; batch < batches; batch += 1) {
    await pipeline.send({ tenantId, revision: 1, events: Array.from({ length: 10 }, (_, at) => event(-batch - at)) })
  }
  let conflicts = 0
  const work = async () => {
    for (;;) {
      const request = { worker_id: 'w', max_batches: 1, wait_ms: 0, lease_ms: 60_000 }
      const { claim } = await pipeline.ingestion.claim(request)
      if (claim === undefined) return
      await processClaim({ ...pipeline.parts, onConflict: () => (conflicts += 1) }, claim)
    }
  }
  await Promise.all([work(), work(), work(), work()])
  const { counters, of } = await results(tenantId)
  expect(counters).toEqual({ events: batches * 10 })
  expect(of('pol_login')).toMatchObject({ total: batches * 10, matched_count: batches * 10, closest_n: batches * 10 })
})
