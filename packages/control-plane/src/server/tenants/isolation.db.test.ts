import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { mayDo, PERMISSIONS } from '../auth/permissions.js'
import { ROLES } from '../memberships/schema.js'
import { type Operator, problemOf } from '../testing/operator.js'
import { startServer, type TestServer } from '../testing/start-server.js'

const database = useDatabase()
let server: TestServer
let alice: Operator
let bob: Operator
let ofAlice: Owned
let ofBob: Owned

interface Owned {
  readonly tenantId: string
  readonly ids: Readonly<Record<string, string>>
}

beforeAll(async () => {
  server = await startServer({ database })
  alice = await server.operator('Alice')
  bob = await server.operator('Bob')
  ofAlice = await furnish(alice, 'Alice and sons')
  ofBob = await furnish(bob, 'Bob and daughters')
})
afterAll(() => server.stop())

const listShape = z.object({ items: z.array(z.looseObject({ tenant_id: z.string().optional() })) })

/** A tenant with one of everything. */
async function furnish(operator: Operator, name: string): Promise<Owned> {
  const { tenant_id: tenantId } = await operator.make('/tenants', { name })
  const at = `/tenants/${tenantId}`
  const action = await operator.make(`${at}/actions`, { name: 'login', expression: 'request_path = "/login"' })
  const entity = await operator.make(`${at}/entity-definitions`, { name: 'who', key_fields: ['client_ip'] })
  const mitigation = await operator.make(`${at}/mitigations`, { name: 'stop', mode: 'Block' })
  const policy = await operator.make(`${at}/policies`, { name: 'rule', expression: 'true' })
  const exemption = await operator.make(`${at}/exemptions`, { name: 'us', expression: 'user_agent = "probe"' })
  const list = await operator.make(`${at}/lists`, { name: 'them', entries: ['192.0.2.1'] })
  const key = await operator.make(`${at}/api-keys`, { name: 'app', source_id: 'web' })
  const token = await operator.make(`${at}/operator-tokens`, { name: 'ci' })
  const { body: me } = await operator.get('/me')
  return {
    tenantId,
    ids: {
      actions: action.action_id,
      'entity-definitions': entity.entity_definition_id,
      mitigations: mitigation.mitigation_id,
      policies: policy.policy_id,
      exemptions: exemption.exemption_id,
      lists: list.list_id,
      'api-keys': key.api_key_id,
      'operator-tokens': token.operator_token_id,
      memberships: me.user.user_id,
      'results/policies': policy.policy_id,
      events: 'evt_of_the_other',
      'active-mitigations': 'act_of_the_other',
    },
  }
}

/** Every operation of the API, read from its own description. */
async function everyOperation(): Promise<{ method: string; path: string }[]> {
  const document: unknown = await (await fetch(`${server.url}/api/v1/openapi.json`)).json()
  if (typeof document !== 'object' || document === null || !('paths' in document)) throw new Error('no paths')
  return Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    Object.keys(operations ?? {}).map((method) => ({
      method: method.toUpperCase(),
      path: path.replace('/api/v1', ''),
    })),
  )
}

function fill(path: string, { tenantId, ids }: Owned): string {
  const collection = /\{tenant_id\}\/(.+)\/\{id\}$/.exec(path)?.[1] ?? ''
  return path.replace('{tenant_id}', tenantId).replace('{id}', ids[collection] ?? 'x')
}

const isBelowTenant = ({ path }: { path: string }) => path.includes('{tenant_id}')

describe('a tenant', () => {
  it('is not there for somebody outside, on any route', async () => {
    const operations = (await everyOperation()).filter(isBelowTenant)
    expect(operations.length).toBeGreaterThan(40)
    for (const { method, path } of operations) {
      const answer = await alice.call(method, fill(path, ofBob), method === 'GET' ? undefined : {})
      expect(problemOf(answer), `${method} ${path}`).toMatchObject({ status: 404, code: 'not_found' })
    }
    expect(problemOf(await alice.get('/tenants/ten_00000000000000000000'))).toMatchObject({ status: 404 })
  })

  it("does not show another's things under its own address", async () => {
    const mixed: Owned = { tenantId: ofAlice.tenantId, ids: ofBob.ids }
    const operations = (await everyOperation()).filter(({ path }) => isBelowTenant({ path }) && path.endsWith('{id}'))
    const asksBroker = /\/(?:events|active-mitigations)\//
    for (const { method, path } of operations.filter((one) => !asksBroker.test(one.path))) {
      const answer = await alice.call(method, fill(path, mixed), method === 'PATCH' ? {} : undefined)
      expect(problemOf(answer), `${method} ${path}`).toMatchObject({ status: 404, code: 'not_found' })
    }
    const stillThere = await bob.get(`/tenants/${ofBob.tenantId}/policies/${ofBob.ids.policies}`)
    expect(stillThere.status).toBe(200)
  })

  it('lists nothing of another', async () => {
    for (const collection of [
      'actions',
      'entity-definitions',
      'mitigations',
      'policies',
      'exemptions',
      'lists',
      'api-keys',
      'operator-tokens',
      'memberships',
      'audit',
      'revisions',
    ]) {
      const { body } = await alice.call('GET', `/tenants/${ofAlice.tenantId}/${collection}`)
      const { items } = listShape.parse(body)
      const owners = new Set(items.map((item) => item.tenant_id ?? ofAlice.tenantId))
      expect([...owners], collection).toEqual([ofAlice.tenantId])
    }
    const { body: tenants } = await alice.get('/tenants')
    expect(tenants.items.map((tenant) => tenant.tenant_id)).toEqual([ofAlice.tenantId])
  })

  it("cannot name another's things", async () => {
    const body = {
      name: 'thief',
      expression: 'true',
      action_ids: [ofBob.ids.actions],
      entity_definition_id: ofBob.ids['entity-definitions'],
      mitigation_id: ofBob.ids.mitigations,
    }
    expect(problemOf(await alice.post(`/tenants/${ofAlice.tenantId}/policies`, body))).toEqual({
      status: 422,
      code: 'unknown_reference',
      errors: {
        'action_ids.0': 'unknown_reference',
        entity_definition_id: 'unknown_reference',
        mitigation_id: 'unknown_reference',
      },
    })
  })

  it('shows nothing to nobody', async () => {
    const nobody = { token: '' }
    for (const { method, path } of await everyOperation()) {
      const answer = await fetch(`${server.url}/api/v1${fill(path, ofAlice)}`, {
        method,
        headers: { authorization: `Bearer ${nobody.token}` },
      })
      expect(answer.status, `${method} ${path}`).toBe(401)
    }
  })
})

describe('a role', () => {
  const operators = new Map<string, Operator>()
  const userIds = new Map<string, string>()

  beforeAll(async () => {
    for (const role of ROLES) {
      const operator = await server.operator(role)
      const { body: me } = await operator.get('/me')
      operators.set(role, operator)
      userIds.set(role, me.user.user_id)
      await alice.post(`/tenants/${ofAlice.tenantId}/memberships`, { user_id: me.user.user_id, role })
    }
  })

  /** One operation for each permission; each would fail for another reason if it were allowed. */
  const TRY: Readonly<Record<(typeof PERMISSIONS)[number], readonly [method: string, path: string, body?: object]>> = {
    'tenant.read': ['GET', ''],
    'tenant.update': ['PATCH', '', { name: '' }],
    'tenant.delete': ['DELETE', '', { no: 'body' }],
    'member.read': ['GET', '/memberships'],
    'member.write': ['POST', '/memberships', {}],
    'api_key.read': ['GET', '/api-keys'],
    'api_key.write': ['POST', '/api-keys', {}],
    'operator_token.read': ['GET', '/operator-tokens'],
    'operator_token.write': ['POST', '/operator-tokens', {}],
    'resource.read': ['GET', '/policies'],
    'resource.write': ['POST', '/policies', {}],
    'exemption.write': ['POST', '/exemptions', {}],
    'results.read': ['GET', '/results/policies?limit=0'],
    'event.read': ['GET', '/events?limit=0'],
    'active_mitigation.read': ['GET', '/active-mitigations?limit=0'],
    'active_mitigation.release': ['DELETE', '/active-mitigations/x', { no: 'body' }],
    'audit.read': ['GET', '/audit'],
    'expression.check': ['POST', '/expressions/check', {}],
  }

  it.each(ROLES.flatMap((role) => PERMISSIONS.map((permission) => [role, permission] as const)))(
    '%s and %s',
    async (role, permission) => {
      const [method, path, body] = TRY[permission]
      const answer = await operators.get(role)?.call(method, `/tenants/${ofAlice.tenantId}${path}`, body)
      if (mayDo(role, permission)) expect([200, 422]).toContain(answer?.status)
      else expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    },
  )

  it('is what DESIGN says: Viewer reads, Analyst releases and exempts, Admin edits, Owner has the tenant', () => {
    const table = Object.fromEntries(ROLES.map((role) => [role, PERMISSIONS.filter((one) => mayDo(role, one)).length]))
    expect(table).toEqual({ Owner: 18, Admin: 15, Analyst: 11, Viewer: 9 })
    expect(mayDo('Viewer', 'active_mitigation.release')).toBe(false)
    expect(mayDo('Viewer', 'exemption.write')).toBe(false)
    expect(mayDo('Analyst', 'resource.write')).toBe(false)
    expect(mayDo('Admin', 'member.write')).toBe(false)
  })

  it('counts from the moment it is taken away, and the attempt is on record', async () => {
    const admin = operators.get('Admin')
    const path = `/tenants/${ofAlice.tenantId}`
    expect((await admin?.post(`${path}/actions`, { name: 'mine', expression: 'true' }))?.status).toBe(201)
    await alice.post(`${path}/memberships`, { user_id: userIds.get('Admin'), role: 'Viewer' })
    expect((await admin?.post(`${path}/actions`, { name: 'more', expression: 'true' }))?.status).toBe(403)
    const { body } = await alice.get(`${path}/audit?limit=1`)
    expect(body.items[0]).toMatchObject({
      action: 'resource.write.refused',
      actor: { name: 'Admin', user_id: userIds.get('Admin'), via: 'bearer' },
      after: { role: 'Viewer', permission: 'resource.write' },
    })
    await alice.delete(`${path}/memberships/${userIds.get('Admin')}`)
    expect((await admin?.get(`${path}/actions`))?.status).toBe(404)
  })

  it('of the last Owner stays', async () => {
    const { tenantId, ids } = ofBob
    const path = `/tenants/${tenantId}/memberships`
    const userId = ids.memberships
    expect(problemOf(await bob.delete(`${path}/${userId}`))).toMatchObject({ status: 409, code: 'last_owner' })
    expect(problemOf(await bob.post(path, { user_id: userId, role: 'Admin' }))).toMatchObject({ code: 'last_owner' })
    expect(problemOf(await bob.patch(`${path}/${userId}`, { role: 'Admin' }))).toMatchObject({ code: 'last_owner' })
    const { body: second } = await bob.post(path, { email: 'Heir@Example.com', role: 'Owner', name: 'The heir' })
    expect(second).toMatchObject({ email: 'heir@example.com', name: 'The heir', role: 'Owner' })
    const { body: again } = await bob.post(path, { email: 'heir@example.com', role: 'Owner', name: 'Somebody else' })
    expect(again).toEqual(second)
    expect((await bob.patch(`${path}/${userId}`, { role: 'Viewer' })).body).toMatchObject({ role: 'Viewer' })
    expect(problemOf(await bob.patch(`${path}/${userId}`, { role: 'Owner' }))).toMatchObject({ status: 403 })
  })

  it('two Owners who leave at once do not both get away', async () => {
    const owner = await server.operator('Castor')
    const other = await server.operator('Pollux')
    const { tenant_id } = await owner.make('/tenants', { name: 'Twins' })
    const idOf = async (operator: Operator) => (await operator.get('/me')).body.user.user_id
    const [first, second] = [await idOf(owner), await idOf(other)]
    await owner.post(`/tenants/${tenant_id}/memberships`, { user_id: second, role: 'Owner' })
    const answers = await Promise.all([
      owner.delete(`/tenants/${tenant_id}/memberships/${first}`),
      other.delete(`/tenants/${tenant_id}/memberships/${second}`),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
  })

  it.each([
    [{ user_id: 'usr_00000000', role: 'God' }, { role: 'invalid_value' }],
    [{ role: 'Viewer' }, { email: 'required' }],
    [{ email: 'a@example.com', user_id: 'usr_00000000', role: 'Viewer' }, { email: 'required' }],
    [{ email: 'nobody', role: 'Viewer' }, { email: 'invalid_format' }],
    [{ user_id: { $ne: null }, role: 'Viewer' }, { user_id: 'invalid_type' }],
    [
      { email: 'a@example.com', role: 'Viewer', tenant_id: 'x', _id: 'x', created_by: 'x' },
      { tenant_id: 'unknown_field', _id: 'unknown_field', created_by: 'unknown_field' },
    ],
  ])('%j is refused', async (body, errors) => {
    const problem = problemOf(await alice.post(`/tenants/${ofAlice.tenantId}/memberships`, body))
    expect(problem).toEqual({ status: 422, code: 'validation_failed', errors })
  })
})
