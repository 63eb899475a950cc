import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page, PolicyRecord } from '../../contract/operator.js'
import { type Answer, type Operator, problemOf } from '../testing/operator.js'
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

describe('every kind of resource', () => {
  it('is created with sensible defaults, shown, changed in part, and deleted', async () => {
    const created = await acme.action({ name: 'login' })
    expect(created).toMatchObject({ description: '', enabled: true, expression: 'request_path = "/login"' })
    const path = `${at}/actions/${created.action_id}` as const
    expect((await owner.get(path)).body).toEqual(created)
    const { body: changed } = await owner.patch(path, { description: 'Somebody signs in.' })
    expect(changed).toEqual({ ...created, description: 'Somebody signs in.', updated_at: changed.updated_at })
    expect(changed.updated_at > created.updated_at).toBe(true)
    expect((await owner.delete(path)).status).toBe(204)
    expect(problemOf(await owner.get(path)).code).toBe('not_found')
  })

  it('answers a patch that changes nothing without a trace', async () => {
    const created = await acme.policy()
    const before = await owner.get(`${at}/audit?limit=1`)
    const { body } = await owner.patch(`${at}/policies/${created.policy_id}`, { enabled: true })
    expect(body).toEqual(created)
    expect((await owner.get(`${at}/audit?limit=1`)).body).toEqual(before.body)
  })

  it('fills in what a mitigation of its mode needs, and keeps the settings of another', async () => {
    const created = await acme.mitigation({
      mode: 'Block',
      response: { status: 429, retry_after: 'auto', body: 'Slow down' },
    })
    expect(created).toMatchObject({ duration_seconds: 300, scope: 'policy', fail_mode: 'open', level: null })
    const path = `${at}/mitigations/${created.mitigation_id}` as const
    const { body: challenge } = await owner.patch(path, { mode: 'Challenge' })
    expect(challenge.response).toBeNull()
    expect(challenge).toMatchObject({ provider: 'pow', level: 2, min_level: 1, one_time: false })
    await owner.patch(path, { level: 4, one_time: true })
    const { body: block } = await owner.patch(path, { mode: 'Block' })
    expect(block.response).toEqual({ status: 429, retry_after: 'auto', body: 'Slow down' })
    expect(block).toMatchObject({ provider: null, level: null, min_level: null, one_time: null })
    const { body: again } = await owner.patch(path, { mode: 'Challenge', min_level: 3 })
    expect(again).toMatchObject({ provider: 'pow', level: 4, min_level: 3, one_time: true })
    expect(problemOf(await owner.patch(path, { level: 2 }))).toMatchObject({
      status: 422,
      errors: { min_level: 'too_big' },
    })
  })

  it('clears an optional field with null', async () => {
    const created = await acme.policy({
      entity_definition_id: (await acme.entity()).entity_definition_id,
      window: { seconds: 60, threshold: 5 },
    })
    const { body } = await owner.patch(`${at}/policies/${created.policy_id}`, {
      entity_definition_id: null,
      window: null,
      description: null,
    })
    expect(body).toMatchObject({ entity_definition_id: null, window: null, description: '', revision: 2 })
  })

  it('writes key fields in one spelling', async () => {
    const created = await acme.entity({
      key_fields: ['ip', ' body->account -> id', 'cookie_session_id', 'headers.x-api-key'],
    })
    expect(created.key_fields).toEqual(['ip', 'body.account.id', 'cookie_session_id', 'headers.x-api-key'])
  })

  it('lists in pages, each item once', async () => {
    const tenant = await owner.make('/tenants', { name: 'Pages' })
    const path = `/tenants/${tenant.tenant_id}/policies` as const
    for (let index = 0; index < 7; index += 1) {
      await owner.make(path, { name: `p${index}`, expression: 'true', priority: 7 - index })
    }
    const names: string[] = []
    let cursor: string | null = ''
    for (let page = 0; cursor !== null; page += 1) {
      const { body }: Answer<Page<PolicyRecord>> = await owner.get(
        `${path}?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
      )
      expect(body.items).toHaveLength([3, 3, 1][page] ?? 0)
      names.push(...body.items.map(({ name }) => name))
      cursor = body.next_cursor
    }
    expect(names).toEqual(['p6', 'p5', 'p4', 'p3', 'p2', 'p1', 'p0'])
  })
})
