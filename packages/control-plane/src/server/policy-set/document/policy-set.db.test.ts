import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, problemOf } from '../../testing/operator.js'
import { startServer, type TestServer } from '../../testing/start-server.js'
import { createTestTenant, type TestTenant } from '../../testing/tenant.js'
import { policySetApplied } from './schema.js'

const database = useDatabase()
let server: TestServer
let owner: Operator
let tenants = 0

beforeAll(async () => {
  server = await startServer({ database })
  owner = await server.operator('Olga')
})
afterAll(() => server.stop())

function newTenant(): Promise<TestTenant> {
  tenants += 1
  return createTestTenant(owner, `Tenant ${tenants}`)
}

/** A tenant with everything a document can say. */
async function furnished(): Promise<TestTenant> {
  const tenant = await newTenant()
  await owner.patch(tenant.at, { watch_fields: ['headers.x-app'], clear_cookies: ['flow'] })
  const entries = ['203.0.113.0/24', { value: '198.51.100.7', note: 'office', expires_at: '2099-01-01T00:00:00Z' }]
  const list = await owner.make(`${tenant.at}/lists`, { name: 'partners', entries })
  const login = await tenant.action({ name: 'login', expression: 'request_path = "/login" and cookies.flow = "a"' })
  const who = await tenant.entity({ name: 'who', match_expression: '$exists(user_agent)', priority: 7 })
  const stop = await tenant.mitigation({
    ...{ name: 'stop', scope: 'entity', response: { status: 429, retry_after: 'auto', body: 'Slow down.' } },
  })
  const hidden = await tenant.mitigation({ name: 'was a block', response: { status: 429 } })
  await owner.patch(`${tenant.at}/mitigations/${hidden.mitigation_id}`, { mode: 'Monitor' })
  await tenant.mitigation({ name: 'ask', mode: 'Challenge', level: 3 })
  await tenant.policy({
    ...{ name: 'stuffing', expression: '$in_list(client_ip, "partners")', action_ids: [login.action_id], priority: 5 },
    ...{ entity_definition_id: who.entity_definition_id, mitigation_id: stop.mitigation_id },
    window: { seconds: 60, threshold: 5, distinct: 'user_agent' },
  })
  await tenant.policy({ name: 'off', enabled: false, description: 'Not now.' })
  await tenant.exemption({ name: 'us', list_id: list.list_id, note: 'Ours.', expires_at: '2099-01-01T00:00:00Z' })
  return tenant
}

const exported = async ({ at }: TestTenant) => Object((await owner.get(`${at}/policy-set`)).body)
const plan = ({ at }: TestTenant, document: object) => owner.post(`${at}/policy-set/plan`, { document })
const apply = ({ at }: TestTenant, document: object, more: object = {}, by = owner) =>
  by.post(`${at}/policy-set/apply`, { document, ...more })

async function applied(tenant: TestTenant, document: object, more: object = {}) {
  const answer = await apply(tenant, document, more)
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 })
  return policySetApplied.parse(answer.body)
}

async function auditCount({ at }: TestTenant): Promise<number> {
  return (await owner.get(`${at}/audit?limit=200`)).body.items.length
}

describe('a policy set as a document', () => {
  it('has names and no ids, and says nothing that goes without saying', async () => {
    const tenant = await furnished()
    const document = await exported(tenant)
    expect(document).toMatchObject({
      esper: 1,
      settings: { enforcement: 'on', watch_fields: ['headers.x-app'], clear_cookies: ['flow'] },
      lists: [{ name: 'partners', entries: ['203.0.113.0/24', { value: '198.51.100.7', note: 'office' }] }],
      policies: expect.arrayContaining([
        {
          name: 'stuffing',
          priority: 5,
          expression: '$in_list(client_ip, "partners")',
          actions: ['login'],
          entity_definition: 'who',
          mitigation: 'stop',
          window: { seconds: 60, threshold: 5, distinct: 'user_agent' },
        },
      ]),
      exemptions: [{ name: 'us', list: 'partners', note: 'Ours.' }],
    })
    expect(JSON.stringify(document)).not.toMatch(/_id"|(?:act|pol|mit|ent|lst|exm|ten)_\w{20}/)
  })

  it('changes nothing where it comes from: no revision, no trace', async () => {
    const tenant = await furnished()
    const document = await exported(tenant)
    expect(Object((await plan(tenant, document)).body).changes).toEqual([])
    const before = await auditCount(tenant)
    const { changes, revision } = await applied(tenant, document)
    expect(changes).toEqual([])
    expect(await auditCount(tenant)).toBe(before)
    expect((await owner.get(`${tenant.at}/revisions?limit=1`)).body.items[0]?.revision).toBe(revision)
  })

  it('makes another tenant the same, in one revision, and once', async () => {
    const document = await exported(await furnished())
    const copy = await newTenant()
    const first = await applied(copy, document)
    expect(first.changes.length).toBeGreaterThan(8)
    expect(first.revision).toBe(2)
    const again = await exported(copy)
    const sorted = (policySet: Record<string, unknown>) =>
      Object.values(policySet).map((section) => (Array.isArray(section) ? new Set(section) : section))
    expect(sorted(again)).toEqual(sorted(document))
    expect(await applied(copy, document)).toMatchObject({ changes: [], revision: 2 })
  })

  it('plans what it does, field by field, and does what it planned', async () => {
    const tenant = await furnished()
    const document = await exported(tenant)
    const wanted = {
      esper: 1,
      actions: [...document.actions, { name: 'signup', expression: 'request_path = "/signup"' }],
      policies: document.policies
        .filter(({ name }: { name: string }) => name !== 'off')
        .map((policy: object) => ({ ...policy, window: { seconds: 60, threshold: 9 }, actions: ['login', 'signup'] })),
    }
    const planned = policySetApplied.omit({ revision: true }).parse((await plan(tenant, wanted)).body)
    expect(planned.changes).toEqual([
      { section: 'actions', verb: 'create', name: 'signup', fields: [] },
      {
        ...{ section: 'policies', verb: 'update', name: 'stuffing' },
        fields: [
          { field: 'actions', before: ['login'], after: ['login', 'signup'] },
          {
            field: 'window',
            before: { seconds: 60, threshold: 5, distinct: 'user_agent' },
            after: { seconds: 60, threshold: 9 },
          },
        ],
      },
      { section: 'policies', verb: 'delete', name: 'off', fields: [] },
    ])
    const { body: before } = await owner.get(`${tenant.at}/policies`)
    const { changes } = await applied(tenant, wanted, { plan: planned.plan })
    expect(changes).toEqual(planned.changes)
    const { body: after } = await owner.get(`${tenant.at}/policies`)
    const [stuffing] = after.items
    expect(after.items).toHaveLength(1)
    const old = before.items.find(({ name }) => name === 'stuffing')
    expect(stuffing).toMatchObject({ policy_id: old?.policy_id, revision: 2, created_at: old?.created_at })
    const { body: audit } = await owner.get(`${tenant.at}/audit?limit=4`)
    expect(audit.items.map(({ action }) => action)).toEqual([
      ...['policy.update', 'policy.delete', 'action.create', 'policy_set.apply'],
    ])
  })

  it('is refused when somebody changed something since the plan was made', async () => {
    const tenant = await furnished()
    const wanted = { esper: 1, exemptions: [] }
    const planned = policySetApplied.omit({ revision: true }).parse((await plan(tenant, wanted)).body)
    await tenant.exemption({ name: 'another' })
    const answer = await apply(tenant, wanted, { plan: planned.plan })
    expect(problemOf(answer)).toMatchObject({ status: 409, code: 'plan_changed' })
    expect((await owner.get(`${tenant.at}/exemptions`)).body.items).toHaveLength(2)
  })

  it('is all applied or not at all', async () => {
    const tenant = await furnished()
    const before = [await exported(tenant), await auditCount(tenant)]
    const answer = await apply(tenant, {
      esper: 1,
      actions: [{ name: 'fine', expression: 'true' }],
      policies: [{ name: 'broken', expression: 'request_path = "/a" and', actions: ['fine'] }],
    })
    expect(problemOf(answer)).toMatchObject({ status: 422, errors: { 'policies.0.expression': expect.any(String) } })
    expect([await exported(tenant), await auditCount(tenant)]).toEqual(before)
  })
})

describe('a document with faults', () => {
  let tenant: TestTenant
  beforeAll(async () => {
    tenant = await furnished()
  })

  it.each<[string, object, Record<string, string>]>([
    ['another format', { esper: 2 }, { 'document.esper': 'invalid_value' }],
    ['an unknown section', { esper: 1, rules: [] }, { 'document.rules': 'unknown_field' }],
    [
      'an id',
      { esper: 1, actions: [{ name: 'a', expression: 'true', action_id: 'x' }] },
      { 'document.actions.0.action_id': 'unknown_field' },
    ],
    [
      'a name twice',
      {
        esper: 1,
        actions: [
          { name: 'a', expression: 'true' },
          { name: 'a', expression: 'true' },
        ],
      },
      { 'document.actions.1.name': 'duplicate' },
    ],
    [
      'names of nothing',
      { esper: 1, policies: [{ name: 'p', expression: 'true', actions: ['login', 'gone'], mitigation: 'gone' }] },
      { 'policies.0.actions.1': 'unknown_reference', 'policies.0.mitigation': 'unknown_reference' },
    ],
    [
      'something disabled that is needed',
      {
        esper: 1,
        mitigations: [{ name: 'm', mode: 'Block', enabled: false }],
        policies: [{ name: 'p', expression: 'true', mitigation: 'm' }],
      },
      { 'policies.0.mitigation': 'disabled_reference' },
    ],
    [
      'a scope without an entity',
      {
        esper: 1,
        mitigations: [{ name: 'm', mode: 'Block', scope: 'entity' }],
        policies: [{ name: 'p', expression: 'true', mitigation: 'm' }],
      },
      { 'policies.0.entity_definition': 'scope_needs_entity' },
    ],
    [
      'several faults at once',
      {
        esper: 1,
        actions: [{ name: 'a', expression: 'usr_agent and' }],
        entity_definitions: [{ name: 'e', key_fields: ['nothing'] }],
        policies: [],
        exemptions: [{ name: 'x' }],
      },
      {
        'actions.0.expression': 'expression_syntax',
        'entity_definitions.0.key_fields.0': 'unknown_field_path',
        'exemptions.0.expression': 'required',
      },
    ],
    [
      'settings of another mode',
      { esper: 1, mitigations: [{ name: 'm', mode: 'Block', level: 1 }], policies: [] },
      { 'document.mitigations.0.level': 'wrong_mode' },
    ],
    [
      'a field to watch that is none',
      { esper: 1, settings: { watch_fields: ['x'] } },
      { 'settings.watch_fields.0': 'unknown_field_path' },
    ],
  ])('%s is refused at its place', async (_what, document, errors) => {
    const answer = await plan(tenant, document)
    expect(problemOf(answer)).toEqual({ status: 422, code: expect.any(String), errors })
    expect(problemOf(await apply(tenant, document))).toEqual(problemOf(answer))
  })

  it.each<[string, object, string]>([
    ['a list that an expression names', { esper: 1, lists: [], exemptions: [] }, 'policy "stuffing"'],
    [
      'a mitigation that a policy needs',
      { esper: 1, mitigations: [] },
      'policy "stuffing": needs a mitigation that would be deleted',
    ],
    ['a cookie that must be in clear', { esper: 1, settings: { clear_cookies: [] } }, 'action "login"'],
  ])('taking away %s says who needs it, though the document leaves it alone', async (_what, document, message) => {
    const { body } = await plan(tenant, document)
    expect(body).toMatchObject({ errors: [{ path: '', message: expect.stringContaining(message) }] })
  })
})

describe('who may apply', () => {
  it('is an Admin, but for the settings of the tenant, which are the Owner’s', async () => {
    const tenant = await furnished()
    const admin = await server.operator('Adam')
    const { body: me } = await admin.get('/me')
    await owner.post(`${tenant.at}/memberships`, { user_id: me.user.user_id, role: 'Admin' })
    const document = await exported(tenant)
    expect((await apply(tenant, { ...document, exemptions: [] }, {}, admin)).status).toBe(200)
    const settings = { esper: 1, settings: { enforcement: 'monitor' } }
    expect(problemOf(await apply(tenant, settings, {}, admin))).toMatchObject({ status: 403, code: 'forbidden' })
    expect((await owner.get(`${tenant.at}/audit?limit=1`)).body.items[0]?.action).toBe('tenant.update.refused')
    expect((await applied(tenant, settings)).changes).toEqual([
      {
        ...{ section: 'settings', verb: 'update', name: '' },
        fields: [{ field: 'enforcement', before: 'on', after: 'monitor' }],
      },
    ])
    await owner.post(`${tenant.at}/memberships`, { user_id: me.user.user_id, role: 'Analyst' })
    expect((await apply(tenant, document, {}, admin)).status).toBe(403)
    expect((await admin.post(`${tenant.at}/policy-set/plan`, { document })).status).toBe(200)
  })
})

describe('restoring a revision', () => {
  const latest = async ({ at }: TestTenant) => (await owner.get(`${at}/revisions?limit=1`)).body.items[0]?.revision ?? 0
  const restore = ({ at }: TestTenant, revision: number | string) => owner.post(`${at}/revisions/${revision}/restore`)

  it('brings policies and what they need back under their ids, and leaves lists, exemptions and the switch', async () => {
    const tenant = await furnished()
    const good = await latest(tenant)
    const { body: before } = await owner.get(`${tenant.at}/policies`)
    const policy = before.items.find(({ name }) => name === 'stuffing')
    await owner.patch(`${tenant.at}/policies/${policy?.policy_id}`, { name: 'renamed', window: null })
    await tenant.policy({ name: 'stuffing', expression: 'true' })
    await owner.delete(`${tenant.at}/policies/${policy?.policy_id}`)
    await tenant.exemption({ name: 'kept' })
    await owner.patch(tenant.at, { enforcement: 'monitor' })
    const answer = await restore(tenant, good)
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
    const { body: after } = await owner.get(`${tenant.at}/policies`)
    const back = after.items.find(({ policy_id }) => policy_id === policy?.policy_id)
    expect(back).toMatchObject({ ...policy, updated_at: expect.any(String), revision: 2 })
    expect(after.items).toHaveLength(before.items.length)
    expect((await owner.get(`${tenant.at}/exemptions`)).body.items.map(({ name }) => name).sort()).toEqual([
      'kept',
      'us',
    ])
    expect((await owner.get(tenant.at)).body).toMatchObject({ enforcement: 'monitor' })
    expect((await owner.get(`${tenant.at}/audit?limit=200`)).body.items).toContainEqual(
      expect.objectContaining({ action: 'policy_set.restore', after: expect.objectContaining({ revision: good }) }),
    )
    expect(Object((await restore(tenant, good)).body).changes).toEqual([])
  })

  it('takes names back that were swapped since', async () => {
    const tenant = await newTenant()
    const [first, second] = [await tenant.action({ name: 'one' }), await tenant.action({ name: 'two' })]
    const good = await latest(tenant)
    const rename = (id: string, name: string) => owner.patch(`${tenant.at}/actions/${id}`, { name })
    await rename(first.action_id, 'three')
    await rename(second.action_id, 'one')
    await rename(first.action_id, 'two')
    expect((await restore(tenant, good)).status).toBe(200)
    const { body } = await owner.get(`${tenant.at}/actions`)
    expect(body.items.map(({ action_id, name }) => [action_id, name])).toEqual([
      [first.action_id, 'one'],
      [second.action_id, 'two'],
    ])
  })

  it('is refused for what is no revision, and for one that needs a list that is gone', async () => {
    const tenant = await furnished()
    expect(problemOf(await restore(tenant, 999))).toMatchObject({ status: 404, code: 'not_found' })
    expect(problemOf(await restore(tenant, 'x'))).toMatchObject({ status: 422 })
    const good = await latest(tenant)
    await applied(tenant, { esper: 1, lists: [], policies: [], exemptions: [] })
    const answer = await restore(tenant, good)
    expect(answer.body).toMatchObject({ status: 422, detail: expect.stringContaining('partners') })
  })
})
