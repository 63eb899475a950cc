import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, problemOf } from '../testing/operator.js'
import { pullBundle } from '../testing/pull-bundle.js'
import { holderOf } from '../testing/sign.js'
import { startServer, type TestServer } from '../testing/start-server.js'
import { createTestTenant, type TestTenant } from '../testing/tenant.js'

const database = useDatabase()
const HOUR_MS = 3_600_000
// Ahead of the database's own clock, which removes what has expired by it: a slow run would lose its sessions.
const clock = { ms: Date.parse('2036-03-01T12:00:00Z') }
let server: TestServer
let owner: Operator
let acme: TestTenant
let at: string

beforeAll(async () => {
  server = await startServer({ database, now: () => clock.ms })
  owner = await server.operator('Olga')
  acme = await createTestTenant(owner, 'Acme')
  at = acme.at
})
afterAll(() => server.stop())

const later = (ms: number) => new Date(clock.ms + ms).toISOString()

describe('an exemption', () => {
  it('is created with sensible defaults, shown, changed in part, and deleted, on record', async () => {
    const { body: me } = await owner.get('/me')
    const created = await acme.exemption({ name: 'Monitoring', note: 'Pings us.' })
    expect(created).toMatchObject({
      note: 'Pings us.',
      enabled: true,
      list_id: null,
      expires_at: null,
      created_by: { user_id: me.user.user_id, name: 'Olga' },
    })
    const path = `${at}/exemptions/${created.exemption_id}` as const
    const { body: changed } = await owner.patch(path, { note: null, expires_at: '2036-03-01T15:30:00+02:00' })
    expect(changed).toEqual({
      ...created,
      note: '',
      expires_at: '2036-03-01T13:30:00.000Z',
      updated_at: changed.updated_at,
    })
    expect((await owner.patch(path, { expires_at: null })).body.expires_at).toBeNull()
    expect((await owner.delete(path)).status).toBe(204)
    expect(problemOf(await owner.get(path))).toMatchObject({ status: 404, code: 'not_found' })
    const { body: audit } = await owner.get(`${at}/audit?limit=4`)
    expect(audit.items.map(({ action }) => action)).toEqual([
      'exemption.delete',
      'exemption.update',
      'exemption.update',
      'exemption.create',
    ])
    expect(audit.items[3]).toMatchObject({ resource_type: 'exemption', resource_id: created.exemption_id })
  })

  it.each<[what: string, body: object, code: string, errors: Record<string, string>]>([
    ['nobody whom it exempts', {}, 'validation_failed', { expression: 'required' }],
    ['nobody, said twice', { expression: null, list_id: null }, 'validation_failed', { expression: 'required' }],
    ['no list of the tenant', { list_id: 'lst_00000000' }, 'unknown_reference', { list_id: 'unknown_reference' }],
    ['a time that is none', { expires_at: 'tomorrow' }, 'validation_failed', { expires_at: 'invalid_format' }],
    [
      'a time that is over',
      { expression: 'true', expires_at: '2036-03-01T12:00:00Z' },
      'validation_failed',
      { expires_at: 'in_the_past' },
    ],
    [
      'an unknown field',
      { expression: 'true', created_by: 'me' },
      'validation_failed',
      { created_by: 'unknown_field' },
    ],
    ['half an expression', { expression: 'client_ip =' }, 'expression_invalid', { expression: 'expression_syntax' }],
    [
      'the response',
      { expression: 'client_ip = "192.0.2.1" and response_status = 200' },
      'expression_invalid',
      { expression: 'expression_field_unavailable' },
    ],
    [
      'a credential in clear',
      { expression: 'cookies.session = "abc"' },
      'expression_invalid',
      { expression: 'expression_field_redacted' },
    ],
  ])('with %s is refused', async (_what, body, code, errors) => {
    const answer = await owner.post(`${at}/exemptions`, { name: acme.named('bad'), ...body })
    expect(problemOf(answer)).toEqual({ status: 422, code, errors })
  })

  it('says where its expression is wrong', async () => {
    const expression = 'client_ip = "192.0.2.1"\n  and response_ms > 5'
    const answer = await owner.post(`${at}/exemptions`, { name: acme.named('bad'), expression })
    expect(answer.body).toMatchObject({ errors: [{ path: 'expression', line: 2, column: 7 }] })
    const checked = await owner.post(`${at}/expressions/check`, { expression, kind: 'exemption' })
    expect(checked.body).toMatchObject({ ok: false, errors: [{ line: 2, column: 7 }] })
    const asPolicy = await owner.post(`${at}/expressions/check`, { expression, kind: 'policy' })
    expect(asPolicy.body).toMatchObject({ ok: true })
  })

  it('may name somebody by the keyed hash of a credential', async () => {
    const expression = `cookies.session = "${'a'.repeat(43)}"`
    expect((await acme.exemption({ expression })).expression).toBe(expression)
    const policy = await owner.post(`${at}/policies`, { name: acme.named('policy'), expression })
    expect(problemOf(policy).errors).toEqual({ expression: 'expression_field_redacted' })
  })

  it('keeps a name of its own, and something to exempt by', async () => {
    const created = await acme.exemption()
    const path = `${at}/exemptions/${created.exemption_id}`
    const taken = await owner.post(`${at}/exemptions`, { name: created.name, expression: 'true' })
    expect(problemOf(taken)).toMatchObject({ status: 409, code: 'name_taken' })
    expect(problemOf(await owner.patch(path, { expression: null }))).toMatchObject({
      status: 422,
      errors: { expression: 'required' },
    })
  })

  it('is for Analysts too, and not for Viewers', async () => {
    const make = async (role: string) => {
      const operator = await server.operator(role)
      const { body: me } = await operator.get('/me')
      await owner.post(`${at}/memberships`, { user_id: me.user.user_id, role })
      return await operator.post(`${at}/exemptions`, { name: acme.named(role), expression: 'true' })
    }
    expect(await make('Analyst')).toMatchObject({ status: 201, body: { created_by: { name: 'Analyst' } } })
    expect(problemOf(await make('Viewer'))).toMatchObject({ status: 403, code: 'forbidden' })
  })
})

describe('in the bundle', () => {
  async function bundleOf(tenant: TestTenant) {
    const key = await owner.make(`${tenant.at}/api-keys`, { name: tenant.named('key'), source_id: 'web' })
    return (
      await pullBundle(
        server,
        holderOf(key, () => clock.ms),
      )
    ).bundle
  }
  const revisions = async (tenant: TestTenant) => (await owner.get(`${tenant.at}/revisions`)).body.items

  it('an exemption stands with its program and demand while it is enabled, each change a revision', async () => {
    const tenant = await createTestTenant(owner, 'Bundled')
    const before = (await revisions(tenant)).length
    const created = await tenant.exemption({
      name: 'probe',
      expression: 'headers."x-probe" = "1"',
      expires_at: later(HOUR_MS),
    })
    const bundle = await bundleOf(tenant)
    expect(bundle.exemptions).toEqual([
      {
        exemption_id: created.exemption_id,
        name: 'probe',
        program: { version: 1, root: ['eq', ['path', 'headers', 'x-probe'], ['lit', '1']] },
        expires_at: clock.ms + HOUR_MS,
      },
    ])
    expect(bundle.demand.headers).toContain('x-probe')
    const path = `${tenant.at}/exemptions/${created.exemption_id}` as const
    await owner.patch(path, { note: 'no part of a bundle' })
    expect((await revisions(tenant)).length).toBe(before + 1)
    await owner.patch(path, { enabled: false })
    expect((await bundleOf(tenant)).exemptions).toEqual([])
    await owner.patch(path, { enabled: true })
    await owner.delete(path)
    expect((await revisions(tenant)).length).toBe(before + 4)
  })

  it('one that expired stays for late events, and leaves a week later with the next change', async () => {
    const tenant = await createTestTenant(owner, 'Expiring')
    await tenant.exemption({ expires_at: later(HOUR_MS) })
    const exemptionsAfter = async (ms: number) => {
      clock.ms += ms
      owner = await server.operator('Olga')
      await owner.make(`${tenant.at}/actions`, { name: tenant.named('change'), expression: 'true' })
      return (await bundleOf(tenant)).exemptions?.length
    }
    expect(await exemptionsAfter(2 * HOUR_MS)).toBe(1)
    expect(await exemptionsAfter(8 * 24 * HOUR_MS)).toBe(0)
  })

  it('one that a change of the cookies in clear would break keeps that change from being made', async () => {
    const tenant = await createTestTenant(owner, 'Cookies')
    await owner.patch(tenant.at, { clear_cookies: ['theme'] })
    const { name } = await tenant.exemption({ expression: 'cookies.theme = "dark"' })
    const answer = await owner.patch(tenant.at, { clear_cookies: [] })
    expect(problemOf(answer)).toMatchObject({ status: 422, code: 'expression_invalid' })
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(`The exemption "${name}" would not work`) })
  })
})
