import { NO_DEMAND, type SdkDecision } from '@esper/core'
import { describe, expect, test } from 'vitest'
import { type EventMore, LOGIN, login, useEngine } from './testing/engine-harness.js'

const engine = useEngine()
const { newId, tenantWith, event, results, verdicts } = engine

describe('what a sender says', () => {
  const block = { ...login, policy_id: 'pol_block', window: { seconds: 60, threshold: 100 } }
  const always = { policy_id: 'pol_always', expression: LOGIN, mitigation_id: 'mit_block' }

  test('its place and trust come from its key', async () => {
    const spy = { policy_id: 'pol_spy', expression: 'trust_level = "Trusted" or source_id = "other"' }
    const tenantId = tenantWith([spy])
    const fields = { trust_level: 'Trusted', source_id: 'other' }
    await engine.pipeline.send({ tenantId, revision: 1, trustLevel: 'External', events: [event(-1, { fields })] })
    await engine.pipeline.drain()
    expect((await results(tenantId)).of('pol_spy')).toBeUndefined()
  })

  test('its own threshold is believed when policy, fields and outcome check out', async () => {
    const tenantId = tenantWith([block, always])
    const decision: SdkDecision = { revision: 1, policy_id: 'pol_block', outcome: 'block', enforced: true, n: 100 }
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-1, { decision })] })
    await engine.pipeline.drain()
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
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-1, { ...more, decision })] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([])
    expect((await results(tenantId)).counters).toEqual({ events: 1, sdk_decision_rejected: 1 })
  })

  const whole = { ...block, policy_id: 'pol_whole', mitigation_id: 'mit_block_entity' }
  const refused = { ...whole, policy_id: 'pol_refused', expression: 'response_status = 401' }
  const other = { path: '/other' }
  const held: Partial<SdkDecision> = { origin: 'active_mitigation' }
  test.each<[string, Partial<SdkDecision>, EventMore]>([
    ['a policy of scope entity that its fields do not match', { policy_id: 'pol_whole', origin: 'policy' }, other],
    ['an entity that is not there', { policy_id: 'pol_whole', ...held }, { ...other, fields: { client_ip: null } }],
    ['a mitigation of a policy that makes none', { policy_id: 'pol_always', ...held }, {}],
    ['a response that it could not know', { policy_id: 'pol_refused' }, { fields: { response_status: 401 } }],
  ])('is rejected, with what it says was cleared: %s', async (_name, wrong, more) => {
    const challenge = { policy_id: 'pol_c', expression: 'request_method = "POST"', mitigation_id: 'mit_challenge' }
    const tenantId = tenantWith([challenge, block, whole, refused, { ...always, expression: 'false' }])
    const claim = { revision: 1, policy_id: 'pol_block', outcome: 'block' as const, enforced: true }
    const decision: SdkDecision = { ...claim, cleared: ['pol_c'], ...wrong }
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-1, { ...more, decision })] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_c challenge policy'])
    expect((await results(tenantId)).counters).toEqual({ events: 1, sdk_decision_rejected: 1 })
  })

  test('a provisional mitigation of scope entity is believed on whatever its entity asks for', async () => {
    const tenantId = tenantWith([whole])
    const decision: SdkDecision = { revision: 1, policy_id: 'pol_whole', outcome: 'block', enforced: true, ...held }
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-1, { ...other, decision })] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_whole block active_mitigation enforced'])
  })

  test('a policy is judged as it was at the revision the SDK had, whatever has become of it', async () => {
    const tenantId = tenantWith([always])
    tenantWith([{ ...always, mitigation_id: 'mit_monitor' }], { tenantId, revision: 2 })
    tenantWith([], { tenantId, revision: 3 })
    const at = (revision: number): SdkDecision => ({
      revision,
      policy_id: 'pol_always',
      outcome: 'block',
      enforced: true,
    })
    const events = [1, 2, 3].map((revision) => event(revision - 10, { decision: at(revision) }))
    await engine.pipeline.send({ tenantId, revision: 3, events })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_always block policy enforced'])
    expect((await results(tenantId)).counters).toEqual({ events: 3, sdk_decision_rejected: 2 })
  })

  test("a mitigation is another entity's, or of another scope: rejected", async () => {
    const tenantId = tenantWith([login])
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-30), event(-29), event(-28)] })
    await engine.pipeline.drain()
    const [live] = (await engine.pipeline.mitigation.live({ tenantId })).items
    const claim = { revision: 1, policy_id: 'pol_login', outcome: 'block' as const, enforced: true, ...held }
    const decision: SdkDecision = { ...claim, active_mitigation_id: live?.active_mitigation_id ?? '' }
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-20, { ip: '192.0.2.9', decision })] })
    const partner = { sourceId: 'partner', trustLevel: 'External' as const }
    await engine.pipeline.send({ tenantId, revision: 1, ...partner, events: [event(-19, { decision })] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_login block policy n3'])
    expect((await results(tenantId)).counters).toEqual({ events: 5, sdk_decision_rejected: 2 })
  })

  test('what an External source says it enforced is shown as it says, and blocks nobody elsewhere', async () => {
    const tenantId = tenantWith([{ ...login, mitigation_id: 'mit_block_entity' }])
    const claim = { revision: 1, policy_id: 'pol_login', outcome: 'block' as const, n: 3 }
    const events = [false, true, true].map((enforced, index) => event(index - 10, { decision: { ...claim, enforced } }))
    const partner = { sourceId: 'partner', trustLevel: 'External' as const }
    await engine.pipeline.send({ tenantId, revision: 1, ...partner, events })
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-1, other)] })
    await engine.pipeline.send({ tenantId, revision: 1, ...partner, sourceId: 'else', events: [event(-1, other)] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([
      'pol_login block policy n3',
      'pol_login block policy n3 enforced',
      'pol_login block policy n3 enforced',
    ])
    expect((await results(tenantId)).of('pol_login')).toMatchObject({ total: 3, block_count: 3, enforced_count: 2 })
    const scopes = (await engine.pipeline.mitigation.live({ tenantId })).items.map((one) => one.counting_scope)
    expect(scopes).toEqual(['source:partner'])
    const { deltas } = await engine.pipeline.mitigation.deltas({ tenantId, scope: 'tenant', since: 0 })
    expect(deltas).toEqual([])
  })

  test('a mitigation that was live is believed', async () => {
    const tenantId = tenantWith([login])
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-30), event(-29), event(-28)] })
    await engine.pipeline.drain()
    const [live] = (await engine.pipeline.mitigation.live({ tenantId })).items
    const decision: SdkDecision = {
      revision: 1,
      policy_id: 'pol_login',
      outcome: 'block',
      enforced: true,
      origin: 'active_mitigation',
      active_mitigation_id: live?.active_mitigation_id ?? '',
    }
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(20, { decision })] })
    await engine.pipeline.drain()
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
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-1, { decision }), event(-1)] })
    await engine.pipeline.drain()
    expect([...(await verdicts(tenantId))].sort()).toEqual([
      'pol_always block policy enforced',
      'pol_always block policy shadowed',
      'pol_c challenge policy',
      'pol_c challenge policy cleared',
    ])
  })

  test('what was not captured is neither matched nor unmatched', async () => {
    const tenantId = tenantWith([{ policy_id: 'pol_q', expression: '$exists(query.debug)' }])
    await engine.pipeline.send({ tenantId, revision: 0, events: [event(-1)] })
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-1)] })
    await engine.pipeline.drain()
    expect((await results(tenantId)).of('pol_q')).toMatchObject({ not_captured_count: 1, matched_count: 0, total: 0 })
  })

  test('what a sender says it captured goes before the demand of any revision', async () => {
    const tenantId = tenantWith([
      { policy_id: 'pol_query', expression: '$exists(query.debug)' },
      { policy_id: 'pol_agent', expression: '$not($exists(user_agent))' },
      { policy_id: 'pol_accept', expression: '$not($exists(headers.accept))' },
      { policy_id: 'pol_path', expression: LOGIN },
    ])
    const captured = { ...NO_DEMAND, query: ['*'], without: ['user_agent', 'headers'] }
    const fields = { query: { debug: '1' } }
    await engine.pipeline.send({ tenantId, revision: 0, captured, events: [event(-1, { fields }), event(-1)] })
    await engine.pipeline.drain()
    const { of } = await results(tenantId)
    expect(of('pol_query')).toMatchObject({ matched_count: 1, not_captured_count: 0 })
    expect(of('pol_agent')).toMatchObject({ matched_count: 0, not_captured_count: 2 })
    expect(of('pol_accept')).toMatchObject({ matched_count: 0, not_captured_count: 2 })
    expect(of('pol_path')).toMatchObject({ matched_count: 2, not_captured_count: 0 })
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
    await engine.pipeline.ingestion.accept({
      tenantId,
      sourceId: 'shop',
      trustLevel: 'Internal',
      apiKeyId: 'k',
      batchId: newId('b'),
      events: 7,
      retentionSeconds: 3_600,
      body: Buffer.from(body),
    })
    await engine.pipeline.drain()
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
