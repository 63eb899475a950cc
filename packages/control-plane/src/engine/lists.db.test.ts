import { describe, expect, test } from 'vitest'
import { policyContent } from '../pipeline-testing/policy-content.js'
import { useEngine } from './testing/engine-harness.js'

const engine = useEngine()
const { tenantWith, event, results, verdicts } = engine

const listed = { policy_id: 'pol_listed', expression: '$in_list(client_ip, "bad")', mitigation_id: 'mit_block' }
const bad = [{ value: '192.0.2.0/28' }, { value: '2001:db8::/32' }]
const asked = (tenantId: string) =>
  engine.pipeline.policyServer.askedParts.filter((path) => path.startsWith(`${tenantId} `)).length

describe('an engine', () => {
  test('looks values up in lists as SDKs do, each part fetched once', async () => {
    const tenantId = tenantWith([listed], { lists: { bad } })
    const events = ['192.0.2.9', '192.0.2.77', '2001:db8::1', '10.1.1.1'].map((ip, at) => event(at - 60, { ip }))
    await engine.pipeline.send({ tenantId, revision: 1, events })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_listed block policy', 'pol_listed block policy'])
    const other = { policy_id: 'pol_other', expression: 'request_path = "/x"' }
    tenantWith([listed, other], { tenantId, revision: 2, lists: { bad } })
    await engine.pipeline.send({ tenantId, revision: 2, events: [event(-10, { ip: '192.0.2.9' })] })
    await engine.pipeline.drain()
    expect((await results(tenantId)).of('pol_listed')).toMatchObject({ block_count: 3, matched_count: 3 })
    expect(asked(tenantId)).toBe(1)
  })

  test('decides by what a list holds once it has changed', async () => {
    const tenantId = tenantWith([listed], { lists: { bad } })
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-60)] })
    await engine.pipeline.drain()
    tenantWith([listed], { tenantId, revision: 2, lists: { bad: [{ value: '198.51.100.7' }] } })
    const events = [event(-50), event(-49, { ip: '198.51.100.7' })]
    await engine.pipeline.send({ tenantId, revision: 2, events })
    await engine.pipeline.drain()
    expect((await results(tenantId)).of('pol_listed')).toMatchObject({ block_count: 2, matched_count: 2 })
    expect(asked(tenantId)).toBe(2)
  })

  test('looks at no entry whose time is over by the time of the event', async () => {
    const expires_at = engine.pipeline.clock.now() - 30_000
    const tenantId = tenantWith([listed], { lists: { bad: [{ value: '192.0.2.1', expires_at }] } })
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-31), event(-30), event(-5)] })
    await engine.pipeline.drain()
    expect((await results(tenantId)).of('pol_listed')).toMatchObject({ block_count: 1, matched_count: 1 })
  })

  test('leaves out what needs a list that is gone, and decides the rest', async () => {
    const tenantId = engine.newId('ten')
    const rest = { policy_id: 'pol_rest', expression: 'request_path = "/login"' }
    const exempting = { exemption_id: 'exm_1', expression: '$in_list(client_ip, "bad")' }
    const { policyServer } = engine.pipeline
    policyServer.publish(
      policyContent({ tenantId, revision: 1, policies: [listed, rest], exemptions: [exempting], lists: { bad } }),
    )
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-60)] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual(['pol_rest observe policy'])
  })

  test('exempts by a list', async () => {
    const exempting = { exemption_id: 'exm_office', expression: '$in_list(client_ip, "offices")' }
    const lists = { bad, offices: [{ value: '192.0.2.1' }] }
    const tenantId = tenantWith([listed], { exemptions: [exempting], lists })
    await engine.pipeline.send({ tenantId, revision: 1, events: [event(-60), event(-59, { ip: '192.0.2.2' })] })
    await engine.pipeline.drain()
    expect(await verdicts(tenantId)).toEqual([
      'pol_listed block policy exempt by exm_office',
      'pol_listed block policy',
    ])
  })
})
