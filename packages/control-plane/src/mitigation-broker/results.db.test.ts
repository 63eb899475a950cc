import { describe, expect, test } from 'vitest'
import { DAY, decision, MINUTE, newId, publication, START, useBrokers } from './testing/broker-harness.js'

const brokers = useBrokers()

describe('results', () => {
  test('count what was enforced, cleared, shadowed and exempt, in the span asked for', async () => {
    const tenantId = newId('ten')
    const at = (minute: number) => ({ observed_at: START + minute * MINUTE })
    const decisions = [
      decision(tenantId, { ...at(0), enforced: true }),
      decision(tenantId, { ...at(1), outcome: 'challenge', cleared: true }),
      decision(tenantId, { ...at(2), shadowed: true }),
      decision(tenantId, { ...at(3), exemption_id: 'exm_a' }),
      decision(tenantId, at(90)),
    ]
    await brokers.client.publish(publication(tenantId, { decisions }))
    const [item] = (await brokers.client.policyResults({ tenantId, from: START, to: START + 60 * MINUTE })).items
    expect(item).toMatchObject({ total: 4, block_count: 3, challenge_count: 1 })
    expect(item).toMatchObject({ enforced_count: 1, cleared_count: 1, shadowed_count: 1, exempt_count: 1 })
    const [day] = (await brokers.client.policyResults({ tenantId, from: START - 3 * DAY, to: START + 3 * DAY })).items
    expect(day?.total).toBe(5)
  })

  test('are the same however the span is cut', async () => {
    const tenantId = newId('ten')
    const decisions = Array.from({ length: 60 }, (_, index) =>
      decision(tenantId, { observed_at: START + index * 53 * MINUTE }),
    )
    await brokers.client.publish(publication(tenantId, { decisions }))
    const from = START + 17 * MINUTE
    const to = START + 41 * 60 * MINUTE
    const expected = decisions.filter((one) => one.observed_at >= from && one.observed_at < to).length
    const [whole] = (await brokers.client.policyResults({ tenantId, from, to })).items
    expect(whole?.total).toBe(expected)
    const middle = START + 25 * 60 * MINUTE + 7 * MINUTE
    const parts = await Promise.all([
      brokers.client.policyResults({ tenantId, from, to: middle }),
      brokers.client.policyResults({ tenantId, from: middle, to }),
    ])
    expect(parts.reduce((sum, { items }) => sum + (items[0]?.total ?? 0), 0)).toBe(expected)
  })

  test('come as a series with every step', async () => {
    const tenantId = newId('ten')
    const decisions = [decision(tenantId), decision(tenantId, { outcome: 'observe', policy_id: 'pol_b' })]
    const counters = [{ minute: START, name: 'events', value: 7 }]
    await brokers.client.publish(publication(tenantId, { decisions, counters }))
    const series = await brokers.client.series({ tenantId, from: START - 2 * MINUTE, to: START + 2 * MINUTE })
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
    expect(await brokers.client.series({ ...span, policyId: 'pol_b' })).toMatchObject({ step_seconds: 3_600 })
  })

  test('list decisions newest first, page by page, of one tenant alone', async () => {
    const [tenantId, other] = [newId('ten'), newId('ten')]
    const decisions = [3, 1, 2].map((minute) => decision(tenantId, { observed_at: START + minute * MINUTE }))
    await brokers.client.publish(publication(tenantId, { decisions }))
    await brokers.client.publish(publication(other, { decisions: [decision(other)] }))
    const first = await brokers.client.decisions({ tenantId, policyId: 'pol_a', limit: 2 })
    const rest = await brokers.client.decisions({
      tenantId,
      policyId: 'pol_a',
      limit: 2,
      cursor: first.next_cursor ?? '',
    })
    const minutes = [...first.items, ...rest.items].map((one) => (one.observed_at - START) / MINUTE)
    expect(minutes).toEqual([3, 2, 1])
    expect(rest.next_cursor).toBeNull()
  })
})
