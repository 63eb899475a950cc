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
    ['a challenge of a Block', 'mitigations', { name: 'x', mode: 'Block', level: 2 }, { level: 'wrong_mode' }],
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
      { name: 'x', mode: 'Challenge', level: 1, min_level: 3 },
      { min_level: 'too_big' },
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
      'a secret of 31 characters',
      'api-keys',
      { name: 'x', source_id: 'web', secret: 'a'.repeat(31) },
      { secret: 'too_small' },
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
    const answer = await owner.post(`${at}/actions`, { name: 'bad', expression })
    const { status, code, errors } = problemOf(answer)
    expect(status).toBe(422)
    if (code === 'validation_failed') expect(Object.keys(errors)).toEqual(['expression'])
    else {
      expect(code).toBe('expression_invalid')
      expect(answer.body).toHaveProperty('errors[0]', {
        message: expect.any(String),
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
    const before = await acme.policy()
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
    const first = await acme.action()
    expect(problemOf(await owner.post(`${at}/actions`, { name: first.name, expression: 'true' }))).toEqual({
      status: 409,
      code: 'name_taken',
      errors: { name: 'name_taken' },
    })
    const other = await owner.make('/tenants', { name: 'Elsewhere' })
    await owner.make(`/tenants/${other.tenant_id}/actions`, { name: first.name, expression: 'true' })
  })

  it('of two that want a name at once, one gets it', async () => {
    const name = acme.named('race')
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => owner.post(`${at}/actions`, { name, expression: 'true' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409])
  })
})
