import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, problemOf } from '../testing/operator.js'
import { startServer, type TestServer } from '../testing/start-server.js'

const database = useDatabase()
let server: TestServer
let owner: Operator

beforeAll(async () => {
  server = await startServer({ database })
  owner = await server.operator('Olga')
})
afterAll(() => server.stop())

describe('a new tenant', () => {
  it('begins with two entity definitions, its creator as Owner, and a first revision', async () => {
    const tenant = await owner.make('/tenants', { name: 'Café & Söhne' })
    expect(tenant).toMatchObject({ slug: 'cafe-sohne', enforcement: 'on', retention_days: 30, watch_fields: [] })
    const path = `/tenants/${tenant.tenant_id}` as const
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
