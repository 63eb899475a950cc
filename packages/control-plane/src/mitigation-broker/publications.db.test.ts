import { describe, expect, test } from 'vitest'
import { decision, MINUTE, newId, publication, START, sequence, useBrokers } from './testing/broker-harness.js'

const brokers = useBrokers()
const { page, upsert } = brokers

describe('publications', () => {
  test('are applied once, however often and however many at once they come', async () => {
    const tenantId = newId('ten')
    const decisions = [decision(tenantId), decision(tenantId, { outcome: 'observe', policy_id: 'pol_b' })]
    const counters = [{ minute: START, name: 'events', value: 2 }]
    const sent = publication(tenantId, { decisions, counters, mitigations: [upsert('e1')] })
    const answers = await Promise.all([
      brokers.client.publish(sent),
      brokers.second.publish(sent),
      brokers.client.publish(sent),
    ])
    expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
    expect(await brokers.client.publish(sent)).toEqual({ duplicate: true })
    const results = await brokers.client.policyResults({ tenantId, from: START, to: START + MINUTE })
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
    await brokers.client.publish(publication(tenantId, { decisions: [twice] }))
    await brokers.client.publish(publication(tenantId, { decisions: [twice, decision(tenantId)] }))
    const results = await brokers.client.policyResults({ tenantId, from: START, to: START + MINUTE })
    expect(results.items[0]).toMatchObject({ total: 2, block_count: 2 })
    expect((await brokers.client.decisions({ tenantId })).items).toHaveLength(2)
  })

  test('give every decision on an event, and on no other of the same name', async () => {
    const tenantId = newId('ten')
    const event = decision(tenantId, { observed_at: START })
    const again = decision(tenantId, { ...event, decision_id: newId('dec'), policy_id: 'pol_b' })
    const { source_id, event_id, observed_at } = event
    const namesakes = [
      decision(tenantId, { event_id, source_id: 'another', observed_at }),
      decision(tenantId, { event_id, source_id, observed_at: START + 1 }),
      decision(tenantId, { observed_at }),
    ]
    await brokers.client.publish(publication(tenantId, { decisions: [event, again, ...namesakes] }))
    const found = await brokers.client.decisionsOf(tenantId, [{ source_id, event_id, observed_at }])
    expect(new Set(found.map((one) => one.decision_id))).toEqual(new Set([event.decision_id, again.decision_id]))
    expect(await brokers.client.decisionsOf(newId('ten'), [{ source_id, event_id, observed_at }])).toEqual([])
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
    await Promise.all(sent.map((one, index) => (index % 2 === 0 ? brokers.client : brokers.second).publish(one)))
    const [item] = (await brokers.client.policyResults({ tenantId, from: START, to: START + 5 * MINUTE })).items
    expect(item).toMatchObject({ total: 24, matched_count: 48, not_captured_count: 24, closest_n: 23 })
    const sequences = (await page(tenantId)).deltas.map(sequence)
    expect(sequences).toHaveLength(24)
    expect(new Set(sequences).size).toBe(24)
    expect([...sequences].sort((a, b) => a - b)).toEqual(sequences)
  })

  test('that make no sense are refused', async () => {
    const bad = { ...publication('ten_x'), decisions: [{ ...decision('ten_x'), outcome: 'explode' }] }
    const answer = brokers.client.service.request({ method: 'POST', path: '/publications', json: bad })
    await expect(answer).rejects.toMatchObject({ code: 'validation_failed' })
  })
})
