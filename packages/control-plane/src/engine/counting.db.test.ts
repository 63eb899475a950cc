import { describe, expect, test } from 'vitest'
import { type EventMore, login, useEngine } from './testing/engine-harness.js'

const engine = useEngine()
const { tenantWith, event, results, verdicts } = engine

const MINUTE_BACK = -60

describe('counting', () => {
  test('a stream computed by hand: the third login in a minute is blocked, another address is not', async () => {
    const tenantId = tenantWith([login])
    const at = (seconds: number, more: EventMore = {}) => event(MINUTE_BACK + seconds, more)
    await engine.pipeline.send({
      tenantId,
      revision: 1,
      events: [at(0), at(5), at(6, { ip: '192.0.2.9' }), at(7, { path: '/' }), at(10), at(20)],
    })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_login block policy n3', 'pol_login block policy n4'])
    const { counters, of } = await results(tenantId)
    expect(counters).toEqual({ events: 6 })
    expect(of('pol_login')).toMatchObject({ total: 2, block_count: 2, matched_count: 5, closest_n: 4 })
    const { items } = await engine.pipeline.mitigation.live({ tenantId })
    expect(items).toHaveLength(1)
    expect(items[0]).toMatchObject({ policy_id: 'pol_login', since: engine.pipeline.clock.now() - 50_000 })
    expect(items[0]?.expires_at).toBe(engine.pipeline.clock.now() - 50_000 + 600_000)
    expect(items[0]?.entity).toEqual([['client_ip', '192.0.2.1']])
  })

  test('n follows from stored counts, whatever way events are cut into batches', async () => {
    const whole = tenantWith([login])
    const cut = tenantWith([login])
    const seconds = [0, 1, 2, 40, 59, 60, 61, 63, 130, 131, 135, 190]
    const events = seconds.map((second) => event(second - 200))
    await engine.pipeline.send({ tenantId: whole, revision: 1, events })
    await engine.pipeline.drain()
    for (const one of events) {
      await engine.pipeline.send({ tenantId: cut, revision: 1, events: [one] })
      await engine.pipeline.drain()
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
    await engine.pipeline.send({ tenantId, revision: 1, events: events.slice(0, 3) })
    await engine.pipeline.drain()
    await engine.pipeline.send({ tenantId, revision: 1, events: events.slice(3) })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_login block policy n3'])
  })

  test('internal sources count together, an external one alone', async () => {
    const tenantId = tenantWith([login])
    const events = () => [event(-20), event(-19)]
    await engine.pipeline.send({ tenantId, revision: 1, sourceId: 'web', trustLevel: 'Internal', events: events() })
    await engine.pipeline.send({ tenantId, revision: 1, sourceId: 'app', trustLevel: 'Trusted', events: [event(-10)] })
    await engine.pipeline.send({ tenantId, revision: 1, sourceId: 'partner', trustLevel: 'External', events: events() })
    await engine.pipeline.drain()
    const { items } = await engine.pipeline.mitigation.decisions({ tenantId })
    expect(items.map((one) => [one.source_id, one.counting_scope, one.n])).toEqual([['app', 'tenant', 3]])
    await engine.pipeline.send({
      tenantId,
      revision: 1,
      sourceId: 'partner',
      trustLevel: 'External',
      events: [event(-5)],
    })
    await engine.pipeline.drain()
    const partner = (await engine.pipeline.mitigation.live({ tenantId })).items.find(
      (one) => one.counting_scope !== 'tenant',
    )
    expect(partner?.counting_scope).toBe('source:partner')
    const { deltas } = await engine.pipeline.mitigation.deltas({ tenantId, scope: 'tenant', since: 0 })
    expect(deltas).toHaveLength(1)
  })

  test('tenants share nothing', async () => {
    const [one, other] = [tenantWith([login]), tenantWith([login])]
    for (const tenantId of [one, other, one, other]) {
      await engine.pipeline.send({ tenantId, revision: 1, events: [event(-10)] })
    }
    await engine.pipeline.drain()
    expect((await results(one)).of('pol_login')).toMatchObject({ total: 0, matched_count: 2, closest_n: 2 })
    expect((await results(other)).of('pol_login')).toMatchObject({ total: 0, matched_count: 2 })
  })
})

describe('time', () => {
  test('last week counts in its own week and blocks nobody today', async () => {
    const tenantId = tenantWith([login])
    const week = -7 * 86_400
    await engine.pipeline.send({ tenantId, revision: 1, events: [0, 1, 2].map((second) => event(week + second)) })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_login block policy n3'])
    expect((await engine.pipeline.mitigation.live({ tenantId })).items).toEqual([])
  })

  test('what would already be over is not held, what is not yet over is, from the crossing on', async () => {
    const tenantId = tenantWith([login])
    const at = [-700, -699, -698, -300, -299, -298]
    const events = at.map((seconds) => event(seconds, { ip: seconds < -600 ? '192.0.2.1' : '192.0.2.2' }))
    await engine.pipeline.send({ tenantId, revision: 1, events })
    await engine.pipeline.drain()
    const live = (await engine.pipeline.mitigation.live({ tenantId })).items
    const now = engine.pipeline.clock.now()
    expect(live.map(({ since, expires_at }) => [since - now, expires_at - now])).toEqual([[-298_000, 302_000]])
  })

  test('up to a minute ahead is believed, a second more is the time of arrival', async () => {
    const tenantId = tenantWith([{ policy_id: 'pol_all', expression: 'true' }])
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(60), event(61)] })
    await engine.pipeline.drain()
    const { items } = await engine.pipeline.mitigation.decisions({ tenantId })
    const ahead = items.map((one) => one.observed_at - engine.pipeline.clock.now())
    expect(ahead.sort((a, b) => a - b)).toEqual([0, 60_000])
  })

  test('the future is taken for now', async () => {
    const tenantId = tenantWith([{ ...login, window: { seconds: 60, threshold: 2 } }])
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(86_400), event(30)] })
    await engine.pipeline.drain()
    const { items } = await engine.pipeline.mitigation.decisions({ tenantId })
    expect(items.map((one) => one.observed_at - engine.pipeline.clock.now())).toEqual([30_000])
  })
})
