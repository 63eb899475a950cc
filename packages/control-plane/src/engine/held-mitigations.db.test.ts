import { waitUntil } from '@esper/testkit'
import { describe, expect, test } from 'vitest'
import { login, useEngine } from './testing/engine-harness.js'

const engine = useEngine()
const { tenantWith, event, verdicts } = engine

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
    await engine.pipeline.send({ tenantId, revision: 1, events })
    await engine.pipeline.drain()
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-4, { path: '/later' })] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([
      'pol_login block policy n3',
      'pol_login block active_mitigation',
      'pol_login block active_mitigation',
    ])
  })

  test('are forgotten with the matches before a release', async () => {
    const tenantId = tenantWith([login])
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-9), event(-8), event(-7)] })
    await engine.pipeline.drain()
    const [live] = (await engine.pipeline.mitigation.live({ tenantId })).items
    const notBefore = engine.pipeline.clock.now() - 5_000
    const id = live?.active_mitigation_id ?? ''
    await engine.pipeline.mitigation.release({ tenant_id: tenantId, active_mitigation_id: id, not_before: notBefore })
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(1), event(2), event(3)] })
    await engine.pipeline.drain()
    expect((await verdicts(tenantId)).slice(1)).toEqual(['pol_login block policy n3'])
  })

  test('a new revision is in force at once', async () => {
    const tenantId = tenantWith([login])
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-9), event(-8)] })
    await engine.pipeline.drain()
    tenantWith([{ ...login, mitigation_id: 'mit_monitor', window: { seconds: 60, threshold: 2 } }], {
      tenantId,
      revision: 2,
    })
    await waitUntil(async () => (await engine.pipeline.policies.latest(tenantId))?.set.revision === 2)
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-7)] })
    await engine.pipeline.drain()
    // Threshold and mode changed, what is counted did not: the count goes on.
    expect(await verdicts(tenantId)).toEqual(['pol_login observe policy n3'])
    expect((await engine.pipeline.mitigation.live({ tenantId })).items).toEqual([])
  })
})
