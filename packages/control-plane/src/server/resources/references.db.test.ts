import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, problemOf } from '../testing/operator.js'
import { startServer, type TestServer } from '../testing/start-server.js'
import { createTestTenant, type TestTenant } from '../testing/tenant.js'

const database = useDatabase()
let server: TestServer
let owner: Operator
let acme: TestTenant
let at: string

beforeAll(async () => {
  server = await startServer({ database })
  owner = await server.operator('Olga')
  acme = await createTestTenant(owner, 'Acme')
  at = acme.at
})
afterAll(() => server.stop())

describe('references', () => {
  it('to nothing are refused', async () => {
    const answer = await owner.post(`${at}/policies`, {
      name: acme.named('policy'),
      expression: 'true',
      action_ids: ['act_00000000'],
      entity_definition_id: 'ent_00000000',
      mitigation_id: 'mit_00000000',
    })
    expect(problemOf(answer)).toEqual({
      status: 422,
      code: 'unknown_reference',
      errors: {
        'action_ids.0': 'unknown_reference',
        entity_definition_id: 'unknown_reference',
        mitigation_id: 'unknown_reference',
      },
    })
  })

  it('of an enabled policy keep what it needs from being disabled or deleted', async () => {
    const needed = {
      actions: (await acme.action()).action_id,
      'entity-definitions': (await acme.entity()).entity_definition_id,
      mitigations: (await acme.mitigation()).mitigation_id,
    }
    const user = await acme.policy({
      action_ids: [needed.actions],
      entity_definition_id: needed['entity-definitions'],
      mitigation_id: needed.mitigations,
    })
    const path = `${at}/policies/${user.policy_id}`
    for (const [collection, id] of Object.entries(needed)) {
      for (const answer of [
        await owner.delete(`${at}/${collection}/${id}`),
        await owner.patch(`${at}/${collection}/${id}`, { enabled: false }),
      ]) {
        expect(problemOf(answer)).toMatchObject({ status: 409, code: 'resource_in_use' })
        const usedBy = [{ resource_type: 'policy', resource_id: user.policy_id, name: user.name }]
        expect(answer.body).toHaveProperty('used_by', usedBy)
      }
    }
    await owner.patch(path, { enabled: false })
    for (const [collection, id] of Object.entries(needed)) {
      expect((await owner.patch(`${at}/${collection}/${id}`, { enabled: false })).status).toBe(200)
    }
    expect(problemOf(await owner.patch(path, { enabled: true }))).toMatchObject({
      status: 422,
      code: 'disabled_reference',
    })
    for (const [collection, id] of Object.entries(needed)) {
      expect((await owner.delete(`${at}/${collection}/${id}`)).status).toBe(204)
    }
    expect(problemOf(await owner.patch(path, { enabled: true }))).toMatchObject({
      status: 422,
      code: 'unknown_reference',
    })
  })

  it('scope "entity" needs an entity, whichever of the two is saved', async () => {
    const wide = await acme.mitigation({ scope: 'entity' })
    const body = { name: acme.named('policy'), expression: 'true', mitigation_id: wide.mitigation_id }
    expect(problemOf(await owner.post(`${at}/policies`, body))).toEqual({
      status: 422,
      code: 'scope_needs_entity',
      errors: { entity_definition_id: 'scope_needs_entity' },
    })
    const narrow = await acme.mitigation()
    await acme.policy({ mitigation_id: narrow.mitigation_id })
    expect(problemOf(await owner.patch(`${at}/mitigations/${narrow.mitigation_id}`, { scope: 'entity' }))).toEqual({
      status: 422,
      code: 'scope_needs_entity',
      errors: { scope: 'scope_needs_entity' },
    })
  })

  it('a policy that reads the response enforces only on an entity, whichever part is saved', async () => {
    const failed = await acme.action({ expression: 'response_status = 401' })
    const block = await acme.mitigation()
    const entityId = (await acme.entity()).entity_definition_id
    const direct = {
      name: acme.named('policy'),
      expression: 'response_status >= 500',
      mitigation_id: block.mitigation_id,
    }
    expect(problemOf(await owner.post(`${at}/policies`, direct))).toMatchObject({
      status: 422,
      code: 'response_only_policy',
      errors: { mitigation_id: 'response_only_policy' },
    })
    const through = { name: acme.named('policy'), expression: 'true', action_ids: [failed.action_id] }
    const half = { ...through, entity_definition_id: entityId, mitigation_id: block.mitigation_id }
    expect(problemOf(await owner.post(`${at}/policies`, half)).code).toBe('response_only_policy')

    await owner.patch(`${at}/mitigations/${block.mitigation_id}`, { scope: 'entity' })
    await owner.make(`${at}/policies`, half)
    expect(problemOf(await owner.patch(`${at}/mitigations/${block.mitigation_id}`, { scope: 'policy' }))).toMatchObject(
      {
        code: 'response_only_policy',
        errors: { scope: 'response_only_policy' },
      },
    )

    const plain = await acme.action()
    const other = await acme.mitigation()
    await acme.policy({ action_ids: [plain.action_id], mitigation_id: other.mitigation_id })
    const change = { expression: 'response_ms > 1000' }
    expect(problemOf(await owner.patch(`${at}/actions/${plain.action_id}`, change))).toMatchObject({
      code: 'response_only_policy',
      errors: { expression: 'response_only_policy' },
    })
  })

  it('a Monitor may read the response as it is', async () => {
    const watch = await acme.mitigation({ mode: 'Monitor' })
    const body = {
      name: acme.named('policy'),
      expression: 'response_status >= 500',
      mitigation_id: watch.mitigation_id,
    }
    await owner.make(`${at}/policies`, body)
    expect(problemOf(await owner.patch(`${at}/mitigations/${watch.mitigation_id}`, { mode: 'Block' })).code).toBe(
      'response_only_policy',
    )
  })
})
