import { describe, expect, test } from 'vitest'
import { DAY, newId, publication, useBrokers } from './testing/broker-harness.js'

const brokers = useBrokers()
const { clock, page, upsert } = brokers

describe('mitigations', () => {
  test('are extended only after half of their time, and never shortened', async () => {
    const tenantId = newId('ten')
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert('e')] }))
    const created = (await page(tenantId)).cursor
    const soon = { since: clock.now() + 200_000, expires_at: clock.now() + 800_000 }
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert('e', soon)] }))
    expect((await page(tenantId, created)).deltas).toEqual([])
    const late = { since: clock.now() + 400_000, expires_at: clock.now() + 1_000_000 }
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert('e', late)] }))
    const { deltas } = await page(tenantId, created)
    expect(deltas).toMatchObject([{ kind: 'upsert', mitigation: { expires_at: late.expires_at, since: clock.now() } }])
  })

  test('whose time is over are not created', async () => {
    const tenantId = newId('ten')
    const past = { since: clock.now() - DAY, expires_at: clock.now() - 1 }
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert('e', past)] }))
    expect((await page(tenantId)).deltas).toEqual([])
  })

  test('are seen by their own counting scope and tenant alone', async () => {
    const [tenantId, other] = [newId('ten'), newId('ten')]
    const mitigations = [upsert('e1'), upsert('e2', { counting_scope: 'source:partner' })]
    await brokers.client.publish(publication(tenantId, { mitigations }))
    const keys = async (tenant: string, scope: 'tenant' | 'source:partner') => {
      const { deltas } = await brokers.client.deltas({ tenantId: tenant, scope, since: 0 })
      return deltas.map((delta) => (delta.kind === 'upsert' ? delta.mitigation.entity_key : 'removed'))
    }
    expect(await keys(tenantId, 'tenant')).toEqual(['e1'])
    expect(await keys(tenantId, 'source:partner')).toEqual(['e2'])
    expect(await keys(other, 'tenant')).toEqual([])
    expect((await brokers.client.live({ tenantId: other })).items).toEqual([])
  })

  test('end with their policy, and what follows from an older policy set is refused', async () => {
    const tenantId = newId('ten')
    await brokers.client.publish(
      publication(tenantId, { mitigations: [upsert('e1'), upsert('e2', { policy_id: 'pol_b' })] }),
    )
    const { cursor } = await page(tenantId)
    expect(await brokers.client.end({ tenant_id: tenantId, revision: 4, policy_ids: ['pol_a'] })).toEqual({ ended: 1 })
    expect(await brokers.client.end({ tenant_id: tenantId, revision: 4, policy_ids: ['pol_a'] })).toEqual({ ended: 0 })
    expect((await page(tenantId, cursor)).deltas).toMatchObject([{ kind: 'remove', removal: { entity_key: 'e1' } }])
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert('late', { revision: 3 })] }))
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert('new', { revision: 4 })] }))
    const live = (await brokers.client.live({ tenantId })).items.map((item) => item.entity_key)
    expect(live).toEqual(['new', 'e2'])
  })

  test('are released, and matches before the release create none', async () => {
    const tenantId = newId('ten')
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert('e')] }))
    const [item] = (await brokers.client.live({ tenantId })).items
    const release = { active_mitigation_id: item?.active_mitigation_id ?? '', not_before: clock.now() + 5_000 }
    expect(await brokers.client.release({ tenant_id: newId('ten'), ...release })).toEqual({ released: false })
    expect(await brokers.client.release({ tenant_id: tenantId, ...release })).toEqual({ released: true })
    expect(await brokers.client.release({ tenant_id: tenantId, ...release })).toEqual({ released: false })
    const before = upsert('e', { since: clock.now() + 1_000 })
    await brokers.client.publish(publication(tenantId, { mitigations: [before] }))
    expect((await brokers.client.live({ tenantId })).items).toEqual([])
    const keys = [{ policy_id: 'pol_a', entity_key: 'e' }]
    const span = { from: clock.now() + DAY, to: clock.now() + DAY }
    const found = await brokers.client.lookup({ tenant_id: tenantId, counting_scope: 'tenant', ...span, keys })
    expect(found).toMatchObject([{ not_before: release.not_before }])
    const after = upsert('e', { since: clock.now() + 6_000 })
    await brokers.client.publish(publication(tenantId, { mitigations: [after] }))
    expect((await brokers.client.live({ tenantId })).items).toHaveLength(1)
  })

  test('are looked up by entity and time', async () => {
    const tenantId = newId('ten')
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert('e1'), upsert('e2')] }))
    const keys = [
      { policy_id: 'pol_a', entity_key: 'e1' },
      { policy_id: 'pol_b', entity_key: 'e2' },
    ]
    const at = (from: number, to: number) =>
      brokers.client.lookup({ tenant_id: tenantId, counting_scope: 'tenant', from, to, keys })
    expect((await at(clock.now(), clock.now() + 1)).map((one) => one.entity_key)).toEqual(['e1'])
    expect(await at(clock.now() + 600_000, clock.now() + 700_000)).toEqual([])
  })

  test('come with a cursor that misses nothing, and in full when the cursor is not ours', async () => {
    const tenantId = newId('ten')
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert('e1')] }))
    const first = await page(tenantId)
    expect(first).toMatchObject({ full: true })
    await brokers.client.publish(publication(tenantId, { mitigations: [upsert('e2')] }))
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
