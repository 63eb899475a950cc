import type { SdkDecision } from '@esper/core'
import { describe, expect, test } from 'vitest'
import { LOGIN, login, useEngine } from './testing/engine-harness.js'

const engine = useEngine()
const { tenantWith, event, results, verdicts } = engine

const OFFICE = '192.0.2.1'
const office = { exemption_id: 'exm_office', expression: `client_ip = "${OFFICE}"` }
const always = { policy_id: 'pol_always', expression: LOGIN, mitigation_id: 'mit_block' }

async function live(tenantId: string) {
  return (await engine.pipeline.mitigation.live({ tenantId })).items
}

describe('an exempt event', () => {
  test('counts in no window, holds nobody, and is recorded with what would have happened', async () => {
    const observing = { policy_id: 'pol_watch', expression: LOGIN }
    const tenantId = tenantWith([login, always, observing], { exemptions: [office] })
    const events = [0, 1, 2, 3, 4].map((second) => event(second - 60))
    const other = [0, 1].map((second) => event(second - 30, { ip: '192.0.2.9' }))
    await engine.pipeline.send({ tenantId, revision: 1, events: [...events, ...other] })
    await engine.pipeline.drain()
    const { counters, of } = await results(tenantId)
    expect(counters).toEqual({ events: 7, 'exempt:exm_office': 5 })
    expect(of('pol_always')).toMatchObject({
      total: 7,
      block_count: 7,
      exempt_count: 5,
      enforced_count: 0,
      shadowed_count: 0,
      matched_count: 7,
    })
    expect(of('pol_watch')).toMatchObject({ total: 7, observe_count: 7, exempt_count: 5 })
    expect(of('pol_login')).toMatchObject({ total: 0, matched_count: 7, closest_n: 2 })
    expect(await live(tenantId)).toEqual([])
    expect((await verdicts(tenantId)).filter((line) => line.startsWith('pol_always'))).toEqual([
      ...events.map(() => 'pol_always block policy exempt by exm_office'),
      ...other.map(() => 'pol_always block policy'),
    ])
  })

  test('is judged by the count that its window would have with it', async () => {
    const exempting = { ...office, expression: `client_ip = "${OFFICE}" and user_agent = "probe"` }
    const tenantId = tenantWith([login], { exemptions: [exempting] })
    const probe = { fields: { user_agent: 'probe' } }
    const events = [event(-59), event(-58), event(-57, probe), event(-56, probe), event(-55)]
    await engine.pipeline.send({ tenantId, revision: 1, events })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([
      'pol_login block policy n3 exempt by exm_office',
      'pol_login block policy n3 exempt by exm_office',
      'pol_login block policy n3',
    ])
    expect((await results(tenantId)).of('pol_login')).toMatchObject({ total: 3, exempt_count: 2, closest_n: 3 })
    const [held] = await live(tenantId)
    expect(held?.since).toBe(engine.pipeline.clock.now() - 55_000)
  })

  test('is judged by different values where they count', async () => {
    const distinct = { ...login, window: { seconds: 60, threshold: 2, distinct: 'user_agent' } }
    const exempting = { ...office, expression: 'user_agent = "probe"' }
    const tenantId = tenantWith([distinct], { exemptions: [exempting] })
    const agents = ['a', 'probe', 'probe', 'a', 'b']
    const events = agents.map((agent, index) => event(index - 30, { fields: { user_agent: agent } }))
    await engine.pipeline.send({ tenantId, revision: 1, events })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([
      'pol_login block policy n2 exempt by exm_office',
      'pol_login block policy n2 exempt by exm_office',
      'pol_login block policy n2',
    ])
  })

  test('beats an active mitigation, which its events do not extend', async () => {
    const entity = { ...login, mitigation_id: 'mit_block_entity' }
    const tenantId = tenantWith([entity])
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-500), event(-499), event(-498)] })
    await engine.pipeline.drain()
    const [before] = await live(tenantId)
    tenantWith([entity], { tenantId, revision: 2, exemptions: [office] })
    const later = [event(-10), event(-9), event(-8), event(-7, { path: '/' })]
    await engine.pipeline.send({ tenantId, revision: 2, events: later })
    await engine.pipeline.drain()
    expect((await verdicts(tenantId)).slice(1)).toEqual([
      ...later.slice(0, 3).map(() => 'pol_login block active_mitigation n1 exempt by exm_office'),
      'pol_login block active_mitigation exempt by exm_office',
    ])
    expect(await live(tenantId)).toEqual([before])
  })

  test('is one before the exemption expires, by its own time, however late it arrives', async () => {
    const expiresAt = engine.pipeline.clock.now() - 20_000
    const tenantId = tenantWith([always], { exemptions: [{ ...office, expires_at: expiresAt }] })
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-21), event(-20), event(-19)] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([
      'pol_always block policy exempt by exm_office',
      'pol_always block policy',
      'pol_always block policy',
    ])
  })

  test('needs what its exemption reads to have been captured', async () => {
    const exempting = { ...office, expression: '$not($exists(query.debug))' }
    const tenantId = tenantWith([always], { exemptions: [exempting] })
    await engine.pipeline.send({ tenantId, revision: 0, events: [event(-2)] })
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-1)] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([
      'pol_always block policy',
      'pol_always block policy exempt by exm_office',
    ])
    expect((await results(tenantId)).counters).toEqual({
      events: 2,
      exemption_not_captured: 1,
      'exempt:exm_office': 1,
    })
  })
})

describe('what a sender says of an exemption', () => {
  const passed: SdkDecision = { revision: 1, enforced: false, exemption_id: 'exm_office' }

  test('is believed when it checks out, even if the exemption is gone by now', async () => {
    const tenantId = tenantWith([always], { exemptions: [office] })
    tenantWith([always], { tenantId, revision: 2 })
    const wouldBe: SdkDecision = { ...passed, policy_id: 'pol_always', outcome: 'block', origin: 'policy' }
    const events = [event(-3), event(-2, { decision: passed }), event(-1, { decision: wouldBe })]
    await engine.pipeline.send({ tenantId, revision: 2, events })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([
      'pol_always block policy',
      'pol_always block policy exempt by exm_office',
      'pol_always block policy exempt by exm_office',
    ])
    expect((await results(tenantId)).counters).toEqual({ events: 3, 'exempt:exm_office': 2 })
  })

  test.each<[string, Partial<SdkDecision>]>([
    ['an exemption that never was', { exemption_id: 'exm_none' }],
    ['one that its fields do not match', { exemption_id: 'exm_other' }],
    ['one at a revision that never was', { revision: 9 }],
    ['one although something was enforced', { policy_id: 'pol_always', outcome: 'block', enforced: true }],
  ])('is rejected and counted: %s', async (_name, wrong) => {
    const other = { exemption_id: 'exm_other', expression: 'client_ip = "192.0.2.77"' }
    const tenantId = tenantWith([always], { exemptions: [office, other] })
    tenantWith([always], { tenantId, revision: 2 })
    await engine.pipeline.send({ tenantId, revision: 2, events: [event(-1, { decision: { ...passed, ...wrong } })] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_always block policy'])
    expect((await results(tenantId)).counters).toEqual({ events: 1, sdk_decision_rejected: 1 })
  })

  test('what it enforced before it knew the exemption did happen, and counts nowhere all the same', async () => {
    const tenantId = tenantWith([login, always])
    tenantWith([login, always], { tenantId, revision: 2, exemptions: [office] })
    const blocked: SdkDecision = { revision: 1, policy_id: 'pol_always', outcome: 'block', enforced: true }
    const events = [-4, -3, -2].map((second) => event(second, { decision: blocked }))
    await engine.pipeline.send({ tenantId, revision: 2, events })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(events.map(() => 'pol_always block policy enforced'))
    expect((await results(tenantId)).of('pol_always')).toMatchObject({ enforced_count: 3, exempt_count: 0 })
    expect(await live(tenantId)).toEqual([])
  })
})
