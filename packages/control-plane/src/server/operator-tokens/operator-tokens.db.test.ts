import { useDatabase } from '@esper/testkit'
import mongoose from 'mongoose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLES } from '../memberships/schema.js'
import { type Operator, operatorWith, problemOf } from '../testing/operator.js'
import { startServer, type TestServer } from '../testing/start-server.js'
import { createTestTenant, type TestTenant } from '../testing/tenant.js'

const DAY_MS = 86_400_000
const database = useDatabase()
const clock = { ms: Date.now() }
let server: TestServer
let owner: Operator
let acme: TestTenant
let tokens: string

beforeAll(async () => {
  server = await startServer({ database, now: () => clock.ms })
  owner = await server.operator('Olga')
  acme = await createTestTenant(owner, 'Acme')
  tokens = `${acme.at}/operator-tokens`
})
afterAll(() => server.stop())

/** Somebody who holds a new token. */
async function holder(body: object, by: Operator = owner) {
  const made = await by.make(`${acme.at}/operator-tokens`, { name: acme.named('token'), ...body })
  return { ...made, as: operatorWith({ url: server.url, token: made.operator_token }) }
}

/** Somebody of the tenant. */
async function member(name: string, role: string) {
  const operator = await server.operator(name)
  const { body: me } = await operator.get('/me')
  await owner.post(`${acme.at}/memberships`, { user_id: me.user.user_id, role })
  return { operator, userId: me.user.user_id }
}

describe('an operator token', () => {
  it('is shown once, and kept as a hash', async () => {
    const made = await holder({ name: 'once', role: 'Admin', ttl_days: 1 })
    expect(made.operator_token).toMatch(/^eop_[\w-]{43}$/)
    const shown = await owner.get(`${acme.at}/operator-tokens/${made.operator_token_id}`)
    expect(shown.body).toMatchObject({ name: 'once', role: 'Admin', last_used_at: null })
    expect(JSON.stringify(shown.body)).not.toContain('eop_')
    const connection = await mongoose
      .createConnection(database.mongodbUri, { dbName: `${database.databasePrefix}_server` })
      .asPromise()
    try {
      const rows = await connection.collection('tenant_tokens').find({}).toArray()
      expect(rows.length).toBeGreaterThan(0)
      expect(JSON.stringify(rows)).not.toContain('eop_')
      const audit = await connection.collection('audit').find({ action: 'operator_token.create' }).toArray()
      expect(audit.length).toBeGreaterThan(0)
      expect(JSON.stringify(audit)).not.toContain('eop_')
    } finally {
      await connection.close()
    }
  })

  it('speaks for its maker in its tenant alone, and audit names it', async () => {
    const elsewhere = await createTestTenant(owner, 'Elsewhere')
    const { as } = await holder({ name: 'ci', role: 'Admin' })
    const { body: me } = await as.get('/me')
    expect(me).toMatchObject({ user: { name: 'Olga' }, memberships: [{ tenant_id: acme.tenantId, role: 'Admin' }] })
    expect(me.memberships).toHaveLength(1)
    expect((await as.get('/tenants')).body.items.map(({ tenant_id }) => tenant_id)).toEqual([acme.tenantId])
    expect(problemOf(await as.get(`${elsewhere.at}/actions`))).toMatchObject({ status: 404, code: 'not_found' })
    expect(problemOf(await as.post('/tenants', { name: 'More' }))).toMatchObject({ status: 403 })
    await as.make(`${acme.at}/actions`, { name: 'by token', expression: 'true' })
    const { body } = await owner.get(`${acme.at}/audit?limit=1`)
    expect(body.items[0]).toMatchObject({ actor: { type: 'operator_token', name: 'Olga', via: 'token "ci"' } })
  })

  it.each(ROLES)('of role %s may do what the role includes', async (role) => {
    const { as } = await holder({ role })
    expect((await as.get(`${acme.at}/policies`)).status).toBe(200)
    const exempt = await as.post(`${acme.at}/exemptions`, {})
    expect(exempt.status).toBe(role === 'Viewer' ? 403 : 422)
    const write = await as.post(`${acme.at}/actions`, {})
    expect(write.status).toBe(role === 'Viewer' || role === 'Analyst' ? 403 : 422)
    expect((await as.patch(acme.at, { name: '' })).status).toBe(role === 'Owner' ? 422 : 403)
  })

  it('can do no more than its maker can now, and nothing once they have left', async () => {
    const { operator, userId } = await member('Anton', 'Admin')
    const { as } = await holder({ role: 'Admin' }, operator)
    expect((await as.post(`${acme.at}/actions`, {})).status).toBe(422)
    await owner.post(`${acme.at}/memberships`, { user_id: userId, role: 'Viewer' })
    expect((await as.post(`${acme.at}/actions`, {})).status).toBe(403)
    expect((await as.get(`${acme.at}/actions`)).status).toBe(200)
    await owner.delete(`${acme.at}/memberships/${userId}`)
    expect((await as.get(`${acme.at}/actions`)).status).toBe(401)
    await owner.post(`${acme.at}/memberships`, { user_id: userId, role: 'Admin' })
    expect((await as.get(`${acme.at}/actions`)).status).toBe(401)
  })

  it('ends when its days are over, and at once when it is revoked', async () => {
    const short = await holder({ ttl_days: 1 })
    const long = await holder({ ttl_days: 366 })
    clock.ms += DAY_MS
    expect((await short.as.get('/me')).status).toBe(401)
    expect((await long.as.get('/me')).status).toBe(200)
    owner = await server.operator('Olga')
    const { body } = await owner.get(`${acme.at}/operator-tokens/${long.operator_token_id}`)
    expect(body.last_used_at).toBe(new Date(clock.ms).toISOString())
    expect((await owner.delete(`${tokens}/${long.operator_token_id}`)).status).toBe(204)
    expect((await long.as.get('/me')).status).toBe(401)
  })

  it('is not made above its maker, nor by another token, nor twice by one name', async () => {
    const { operator } = await member('Berta', 'Admin')
    const above = await operator.post(tokens, { name: 'x', role: 'Owner' })
    expect(problemOf(above)).toEqual({ status: 422, code: 'validation_failed', errors: { role: 'above_own_role' } })
    const { as } = await holder({ role: 'Owner' })
    expect(problemOf(await as.post(tokens, { name: 'x' }))).toMatchObject({ status: 403, code: 'forbidden' })
    await holder({ name: 'twice' })
    expect(problemOf(await owner.post(tokens, { name: 'twice' }))).toMatchObject({ code: 'name_taken' })
  })

  it.each([
    [{}, { name: 'required' }],
    [{ name: 'x', role: 'God' }, { role: 'invalid_value' }],
    [{ name: 'x', ttl_days: 0 }, { ttl_days: 'too_small' }],
    [{ name: 'x', ttl_days: 367 }, { ttl_days: 'too_big' }],
    [{ name: 'x', ttl_days: 1.5 }, { ttl_days: 'invalid_type' }],
    [
      { name: 'x', user_id: 'usr_1', operator_token: 'eop_x' },
      { user_id: 'unknown_field', operator_token: 'unknown_field' },
    ],
  ])('%j is refused', async (body, errors) => {
    expect(problemOf(await owner.post(tokens, body))).toEqual({ status: 422, code: 'validation_failed', errors })
  })

  it('goes with its tenant', async () => {
    const gone = await createTestTenant(owner, 'Gone')
    const made = await owner.make(`/tenants/${gone.tenantId}/operator-tokens`, { name: 'ci' })
    await owner.delete(gone.at)
    const as = operatorWith({ url: server.url, token: made.operator_token })
    expect((await as.get('/me')).status).toBe(401)
  })
})
