import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, problemOf } from '../testing/operator.js'
import { startServer, type TestServer } from '../testing/start-server.js'

const database = useDatabase()
let server: TestServer
let owner: Operator
let at: string

beforeAll(async () => {
  server = await startServer({ database })
  owner = await server.operator('Olga')
  const tenant = await owner.make('/tenants', { name: 'Acme' })
  at = `/tenants/${tenant.tenant_id}`
})
afterAll(() => server.stop())

/** Names must differ within a tenant. */
let made = 0
function named(what: string): string {
  made += 1
  return `${what} ${made}`
}
const action = (more: object = {}) =>
  owner.make(`${at}/actions`, { name: named('action'), expression: 'request_path = "/login"', ...more })
const entity = (more: object = {}) =>
  owner.make(`${at}/entity-definitions`, { name: named('entity'), key_fields: ['client_ip'], ...more })
const mitigation = (more: object = {}) =>
  owner.make(`${at}/mitigations`, { name: named('mitigation'), mode: 'Block', ...more })
const policy = (more: object = {}) =>
  owner.make(`${at}/policies`, { name: named('policy'), expression: 'true', ...more })

describe('a new tenant', () => {
  it('begins with two entity definitions, its creator as Owner, and a first revision', async () => {
    const tenant = await owner.make('/tenants', { name: 'Café & Söhne' })
    expect(tenant).toMatchObject({ slug: 'cafe-sohne', enforcement: 'on', retention_days: 30, watch_fields: [] })
    const path = `/tenants/${tenant.tenant_id}`
    const { body: entities } = await owner.get(`${path}/entity-definitions`)
    expect(entities.items).toMatchObject([
      { name: 'ip-user-agent', key_fields: ['client_ip', 'user_agent'], match_expression: null },
      { name: 'bot-crawlers', key_fields: ['user_agent'], match_expression: expect.stringContaining('bot') },
    ])
    const { body: members } = await owner.get(`${path}/memberships`)
    expect(members.items).toMatchObject([{ name: 'Olga', role: 'Owner' }])
    const { body: revisions } = await owner.get(`${path}/revisions`)
    expect(revisions.items).toMatchObject([{ revision: 1, policies: 0, enforcement: 'on' }])
  })

  it('gets a slug of its own when the name is not the first of its kind', async () => {
    const first = await owner.make('/tenants', { name: 'Twin' })
    const second = await owner.make('/tenants', { name: 'Twin' })
    expect([first.slug, second.slug]).toEqual(['twin', 'twin-2'])
    expect(problemOf(await owner.post('/tenants', { name: 'Third', slug: 'twin' }))).toEqual({
      status: 409,
      code: 'slug_taken',
      errors: { slug: 'slug_taken' },
    })
  })

  it('goes with all it has, and leaves its audit log', async () => {
    const tenant = await owner.make('/tenants', { name: 'Gone' })
    await owner.make(`/tenants/${tenant.tenant_id}/actions`, { name: 'a', expression: 'true' })
    expect((await owner.delete(`/tenants/${tenant.tenant_id}`)).status).toBe(204)
    expect((await owner.get(`/tenants/${tenant.tenant_id}`)).status).toBe(404)
    const left: Record<string, number> = {}
    for (const { name } of (await database.connection().db?.listCollections().toArray()) ?? []) {
      const count = await database.connection().collection(name).countDocuments({ tenant_id: tenant.tenant_id })
      if (count > 0) left[name] = count
    }
    expect(left).toEqual({ audit: 6 })
  })
})

describe('every kind of resource', () => {
  it('is created with sensible defaults, shown, changed in part, and deleted', async () => {
    const created = await action({ name: 'login' })
    expect(created).toMatchObject({ description: '', enabled: true, expression: 'request_path = "/login"' })
    const path = `${at}/actions/${created.action_id}`
    expect((await owner.get(path)).body).toEqual(created)
    const { body: changed } = await owner.patch(path, { description: 'Somebody signs in.' })
    expect(changed).toEqual({ ...created, description: 'Somebody signs in.', updated_at: changed.updated_at })
    expect(changed.updated_at > created.updated_at).toBe(true)
    expect((await owner.delete(path)).status).toBe(204)
    expect(problemOf(await owner.get(path)).code).toBe('not_found')
  })

  it('answers a patch that changes nothing without a trace', async () => {
    const created = await policy()
    const before = await owner.get(`${at}/audit?limit=1`)
    const { body } = await owner.patch(`${at}/policies/${created.policy_id}`, { enabled: true })
    expect(body).toEqual(created)
    expect((await owner.get(`${at}/audit?limit=1`)).body).toEqual(before.body)
  })

  it('fills in what a mitigation of its mode needs, and keeps the settings of another', async () => {
    const created = await mitigation({
      mode: 'Block',
      response: { status: 429, retry_after: 'auto', body: 'Slow down' },
    })
    expect(created).toMatchObject({ duration_seconds: 300, scope: 'policy', fail_mode: 'open', challenge: null })
    const path = `${at}/mitigations/${created.mitigation_id}`
    const { body: challenge } = await owner.patch(path, { mode: 'Challenge' })
    expect(challenge.response).toBeNull()
    expect(challenge.challenge).toEqual({ provider: 'pow', level: 2, min_level: 1, one_time: false })
    const { body: block } = await owner.patch(path, { mode: 'Block' })
    expect(block.response).toEqual({ status: 429, retry_after: 'auto', body: 'Slow down' })
  })

  it('clears an optional field with null', async () => {
    const created = await policy({
      entity_definition_id: (await entity()).entity_definition_id,
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
    const created = await entity({
      key_fields: ['ip', ' body->account -> id', 'cookie_session_id', 'headers.x-api-key'],
    })
    expect(created.key_fields).toEqual(['ip', 'body.account.id', 'cookie_session_id', 'headers.x-api-key'])
  })

  it('lists in pages, each item once', async () => {
    const tenant = await owner.make('/tenants', { name: 'Pages' })
    const path = `/tenants/${tenant.tenant_id}/policies`
    for (let index = 0; index < 7; index += 1) {
      await owner.make(path, { name: `p${index}`, expression: 'true', priority: 7 - index })
    }
    const names: string[] = []
    let cursor: string | null = ''
    for (let page = 0; cursor !== null; page += 1) {
      const { body } = await owner.get(`${path}?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`)
      expect(body.items).toHaveLength([3, 3, 1][page] ?? 0)
      names.push(...body.items.map(({ name }: { name: string }) => name))
      cursor = body.next_cursor
    }
    expect(names).toEqual(['p6', 'p5', 'p4', 'p3', 'p2', 'p1', 'p0'])
  })
})

describe('what does not fit', () => {
  const cases: [what: string, collection: string, body: object, errors: Record<string, string>][] = [
    ['no name', 'actions', { expression: 'true' }, { name: 'required' }],
    ['an empty name', 'actions', { name: ' ', expression: 'true' }, { name: 'too_small' }],
    ['a long name', 'actions', { name: 'x'.repeat(101), expression: 'true' }, { name: 'too_big' }],
    ['an object for a name', 'actions', { name: { $ne: null }, expression: 'true' }, { name: 'invalid_type' }],
    [
      'an unknown field',
      'actions',
      { name: 'x', expression: 'true', tenant_id: 'ten_x' },
      { tenant_id: 'unknown_field' },
    ],
    [
      'an operator for a field',
      'actions',
      { name: 'x', expression: 'true', $where: 'sleep(1000)' },
      { $where: 'unknown_field' },
    ],
    ['no key fields', 'entity-definitions', { name: 'x', key_fields: [] }, { key_fields: 'too_small' }],
    [
      'nine key fields',
      'entity-definitions',
      { name: 'x', key_fields: [...'abcdefghi'].map((c) => `labels.${c}`) },
      { key_fields: 'too_big' },
    ],
    [
      'a field twice',
      'entity-definitions',
      { name: 'x', key_fields: ['body.a', 'body->a'] },
      { 'key_fields.1': 'duplicate' },
    ],
    [
      'a field that is none',
      'entity-definitions',
      { name: 'x', key_fields: ['client_ip', 'clientip'] },
      { 'key_fields.1': 'unknown_field_path' },
    ],
    ['a whole map', 'entity-definitions', { name: 'x', key_fields: ['body'] }, { 'key_fields.0': 'whole_map' }],
    [
      'a header in capitals',
      'entity-definitions',
      { name: 'x', key_fields: ['headers.X-Key'] },
      { 'key_fields.0': 'unknown_field_path' },
    ],
    ['a mode in lower case', 'mitigations', { name: 'x', mode: 'block' }, { mode: 'invalid_value' }],
    ['no mode', 'mitigations', { name: 'x' }, { mode: 'required' }],
    [
      'no duration',
      'mitigations',
      { name: 'x', mode: 'Block', duration_seconds: 0 },
      { duration_seconds: 'too_small' },
    ],
    [
      'a duration of 31 days',
      'mitigations',
      { name: 'x', mode: 'Block', duration_seconds: 2_678_400 },
      { duration_seconds: 'too_big' },
    ],
    [
      'a response of a Monitor',
      'mitigations',
      { name: 'x', mode: 'Monitor', response: { status: 403 } },
      { response: 'wrong_mode' },
    ],
    ['a challenge of a Block', 'mitigations', { name: 'x', mode: 'Block', challenge: {} }, { challenge: 'wrong_mode' }],
    [
      'a status of 200',
      'mitigations',
      { name: 'x', mode: 'Block', response: { status: 200 } },
      { 'response.status': 'invalid_union' },
    ],
    [
      'a script as contact',
      'mitigations',
      { name: 'x', mode: 'Block', response: { contact_url: 'javascript:alert(1)' } },
      { 'response.contact_url': 'invalid_format' },
    ],
    [
      'a level that is never enough',
      'mitigations',
      { name: 'x', mode: 'Challenge', challenge: { level: 1, min_level: 3 } },
      { 'challenge.min_level': 'too_big' },
    ],
    [
      'a window of a week',
      'policies',
      { name: 'x', expression: 'true', window: { seconds: 604_800, threshold: 5 } },
      { 'window.seconds': 'too_big' },
    ],
    [
      'a threshold of zero',
      'policies',
      { name: 'x', expression: 'true', window: { seconds: 60, threshold: 0 } },
      { 'window.threshold': 'too_small' },
    ],
    [
      'half a request as threshold',
      'policies',
      { name: 'x', expression: 'true', window: { seconds: 60, threshold: 1.5 } },
      { 'window.threshold': 'invalid_type' },
    ],
    [
      'too many distinct values',
      'policies',
      { name: 'x', expression: 'true', window: { seconds: 60, threshold: 1001, distinct: 'user_id' } },
      { 'window.threshold': 'too_big' },
    ],
    [
      'distinct values of no field',
      'policies',
      { name: 'x', expression: 'true', window: { seconds: 60, threshold: 5, distinct: 'nothing' } },
      { 'window.distinct': 'unknown_field_path' },
    ],
    ['a negative priority', 'policies', { name: 'x', expression: 'true', priority: -1 }, { priority: 'too_small' }],
    [
      'an action twice',
      'policies',
      { name: 'x', expression: 'true', action_ids: ['act_00000000', 'act_00000000'] },
      { 'action_ids.1': 'duplicate' },
    ],
    ['a source with a space', 'api-keys', { name: 'x', source_id: 'my app' }, { source_id: 'invalid_format' }],
    ['a short secret', 'api-keys', { name: 'x', source_id: 'web', secret: 'short' }, { secret: 'too_small' }],
    [
      'a secret of one letter',
      'api-keys',
      { name: 'x', source_id: 'web', secret: 'a'.repeat(40) },
      { secret: 'weak_secret' },
    ],
    [
      'an object for a secret',
      'api-keys',
      { name: 'x', source_id: 'web', secret: { $ne: null } },
      { secret: 'invalid_type' },
    ],
    [
      'a trust level in capitals',
      'api-keys',
      { name: 'x', source_id: 'web', trust_level: 'TRUSTED' },
      { trust_level: 'invalid_value' },
    ],
  ]
  it.each(cases)('%s is refused', async (_what, collection, body, errors) => {
    const problem = problemOf(await owner.post(`${at}/${collection}`, body))
    expect(problem).toEqual({ status: 422, code: 'validation_failed', errors })
  })

  it.each([
    ['what is not in the subset', '$eval("1")'],
    ['a lambda', 'function($x){$x}(1)'],
    ['a word too few', 'request_path ='],
    ['a way to the prototype', "( __lookupSetter__('__proto__')(constructor); 1 )"],
    ['a deep nest', `${'('.repeat(3_000)}1${')'.repeat(3_000)}`],
  ])('an expression with %s is refused with code, line and column', async (_what, expression) => {
    const { status, body } = await owner.post(`${at}/actions`, { name: 'bad', expression })
    expect(status).toBe(422)
    if (body.code === 'validation_failed') expect(body.errors).toMatchObject([{ path: 'expression' }])
    else {
      expect(body.code).toBe('expression_invalid')
      expect(body.errors[0]).toMatchObject({
        path: 'expression',
        code: expect.stringMatching(/^[a-z_]+$/),
        line: expect.any(Number),
        column: expect.any(Number),
      })
    }
  })

  it.each([
    ['{"$where":"sleep(1000)"}', 422],
    ['{"$or":[{}]}', 422],
    ['{"$rename":{"name":"tenant_id"}}', 422],
    ['{"tenant_id":"ten_00000000"}', 422],
    ['{"_id":"x"}', 422],
    ['{"created_at":"2020-01-01T00:00:00Z"}', 422],
    ['{"revision":7}', 422],
    ['[]', 422],
    ['null', 422],
    ['{"name"', 400],
    [`${'['.repeat(60)}${']'.repeat(60)}`, 400],
  ])('a patch of %s changes nothing', async (body, status) => {
    const before = await policy()
    const path = `${at}/policies/${before.policy_id}`
    const response = await fetch(`${server.url}/api/v1${path}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/json' },
      body,
    })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect((await owner.get(path)).body).toEqual(before)
  })

  it.each(['limit=0', 'limit=1000', 'limit=x', 'cursor=x', 'cursor[$ne]=1', 'sort=name'])(
    'a list with ?%s is refused',
    async (query) => {
      expect(problemOf(await owner.get(`${at}/actions?${query}`))).toMatchObject({
        status: 422,
        code: 'validation_failed',
      })
    },
  )

  it('a name that another one has is refused, in this tenant only', async () => {
    const first = await action()
    expect(problemOf(await owner.post(`${at}/actions`, { name: first.name, expression: 'true' }))).toEqual({
      status: 409,
      code: 'name_taken',
      errors: { name: 'name_taken' },
    })
    const other = await owner.make('/tenants', { name: 'Elsewhere' })
    await owner.make(`/tenants/${other.tenant_id}/actions`, { name: first.name, expression: 'true' })
  })

  it('of two that want a name at once, one gets it', async () => {
    const name = named('race')
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => owner.post(`${at}/actions`, { name, expression: 'true' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409])
  })
})

describe('references', () => {
  it('to nothing are refused', async () => {
    const answer = await owner.post(`${at}/policies`, {
      name: named('policy'),
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
      actions: (await action()).action_id,
      'entity-definitions': (await entity()).entity_definition_id,
      mitigations: (await mitigation()).mitigation_id,
    }
    const user = await policy({
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
        expect(answer.body.used_by).toEqual([{ resource_type: 'policy', resource_id: user.policy_id, name: user.name }])
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
    const wide = await mitigation({ scope: 'entity' })
    const body = { name: named('policy'), expression: 'true', mitigation_id: wide.mitigation_id }
    expect(problemOf(await owner.post(`${at}/policies`, body))).toEqual({
      status: 422,
      code: 'scope_needs_entity',
      errors: { entity_definition_id: 'scope_needs_entity' },
    })
    const narrow = await mitigation()
    await policy({ mitigation_id: narrow.mitigation_id })
    expect(problemOf(await owner.patch(`${at}/mitigations/${narrow.mitigation_id}`, { scope: 'entity' }))).toEqual({
      status: 422,
      code: 'scope_needs_entity',
      errors: { scope: 'scope_needs_entity' },
    })
  })

  it('a policy that reads the response enforces only on an entity, whichever part is saved', async () => {
    const failed = await action({ expression: 'response_status = 401' })
    const block = await mitigation()
    const entityId = (await entity()).entity_definition_id
    const direct = { name: named('policy'), expression: 'response_status >= 500', mitigation_id: block.mitigation_id }
    expect(problemOf(await owner.post(`${at}/policies`, direct))).toMatchObject({
      status: 422,
      code: 'response_only_policy',
      errors: { mitigation_id: 'response_only_policy' },
    })
    const through = { name: named('policy'), expression: 'true', action_ids: [failed.action_id] }
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

    const plain = await action()
    const other = await mitigation()
    await policy({ action_ids: [plain.action_id], mitigation_id: other.mitigation_id })
    const change = { expression: 'response_ms > 1000' }
    expect(problemOf(await owner.patch(`${at}/actions/${plain.action_id}`, change))).toMatchObject({
      code: 'response_only_policy',
      errors: { expression: 'response_only_policy' },
    })
  })

  it('a Monitor may read the response as it is', async () => {
    const watch = await mitigation({ mode: 'Monitor' })
    const body = { name: named('policy'), expression: 'response_status >= 500', mitigation_id: watch.mitigation_id }
    await owner.make(`${at}/policies`, body)
    expect(problemOf(await owner.patch(`${at}/mitigations/${watch.mitigation_id}`, { mode: 'Block' })).code).toBe(
      'response_only_policy',
    )
  })
})
