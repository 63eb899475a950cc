import { createHash } from 'node:crypto'
import { prepareList } from '@esper/core'
import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, problemOf } from '../testing/operator.js'
import { pullBundle } from '../testing/pull-bundle.js'
import { holderOf, type KeyHolder } from '../testing/sign.js'
import { startServer, type TestServer } from '../testing/start-server.js'
import { createTestTenant, type TestTenant } from '../testing/tenant.js'

const database = useDatabase()
const DAY_MS = 86_400_000
let server: TestServer
let owner: Operator

beforeAll(async () => {
  server = await startServer({ database })
  owner = await server.operator('Olga')
})
afterAll(() => server.stop())

async function sdkOf(tenant: TestTenant, more: object = {}): Promise<KeyHolder> {
  const key = { name: tenant.named('key'), source_id: 'web', ...more }
  return holderOf(await owner.make(`${tenant.at}/api-keys`, key))
}

async function bundleOf(sdk: KeyHolder) {
  return (await pullBundle(server, sdk)).bundle
}

const partOf = (sdk: KeyHolder, sha256: string) => sdk.get(`${server.url}/v1/lists/${sha256}`)

describe('the part of a list', () => {
  it('is named by its hash in the bundle, and fetched by it', async () => {
    const tenant = await createTestTenant(owner, 'Parts')
    const list = await tenant.list({ entries: ['10.0.0.0/8', { value: 'alice', expires_at: '2100-01-01T00:00:00Z' }] })
    await tenant.list({ entries: ['of no interest'] })
    await tenant.policy({ expression: `$in_list(client_ip, "${list.name}")` })
    const sdk = await sdkOf(tenant, { trust_level: 'External' })
    const bundle = await bundleOf(sdk)
    const { list_id, sha256, bytes } = list
    expect(bundle.lists).toEqual([{ list_id, sha256, bytes, count: 2 }])
    expect(bundle.policies[0]?.program.root).toEqual(['in_list', ['path', 'client_ip'], list_id])
    const answer = await partOf(sdk, sha256)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
    const part = await answer.text()
    expect(createHash('sha256').update(part).digest('base64url')).toBe(sha256)
    expect([Buffer.byteLength(part), prepareList(part)?.has('10.1.2.3', 0)]).toEqual([bytes, true])
    const internal = await server.internal(`/tenants/${tenant.tenantId}/list-parts/${sha256}`)
    expect(await internal.json()).toEqual({ part })
  })

  it('is not there for another tenant, nor for whoever signs nothing', async () => {
    const [one, other] = [await createTestTenant(owner, 'One'), await createTestTenant(owner, 'Other')]
    const list = await one.list({ entries: ['a secret of one'] })
    await one.policy({ expression: `$in_list(user_id, "${list.name}")` })
    expect((await partOf(await sdkOf(one), list.sha256)).status).toBe(200)
    const stranger = await partOf(await sdkOf(other), list.sha256)
    expect(await stranger.json()).toMatchObject({ status: 404, code: 'not_found' })
    expect((await fetch(`${server.url}/v1/lists/${list.sha256}`)).status).toBe(401)
    for (const hash of ['', 'x', `${list.sha256}/..`, encodeURIComponent('{"$ne":1}')]) {
      expect((await partOf(await sdkOf(one), hash)).status).toBe(404)
    }
    expect((await server.internal(`/tenants/${other.tenantId}/list-parts/${list.sha256}`)).status).toBe(404)
  })

  it('is another one with each change, which is a revision only where a bundle names it', async () => {
    const tenant = await createTestTenant(owner, 'Changing')
    const list = await tenant.list({ entries: ['a'] })
    const path = `${tenant.at}/lists/${list.list_id}`
    const revisionsNow = async () => (await owner.get(`${tenant.at}/revisions`)).body.items.length
    const before = await revisionsNow()
    await owner.post(`${path}/entries`, { entries: ['b'] })
    expect(await revisionsNow()).toBe(before)
    await tenant.policy({ expression: `$in_list(user_id, "${list.name}")` })
    await owner.post(`${path}/entries`, { entries: [{ value: 'b', note: 'a note is no part of it' }] })
    expect(await revisionsNow()).toBe(before + 1)
    const sdk = await sdkOf(tenant)
    const [first] = (await bundleOf(sdk)).lists ?? []
    await owner.post(`${path}/entries`, { entries: ['c'] })
    expect(await revisionsNow()).toBe(before + 2)
    const [second] = (await bundleOf(sdk)).lists ?? []
    expect([first?.count, second?.count]).toEqual([2, 3])
    expect(second?.sha256).not.toBe(first?.sha256)
    expect((await partOf(sdk, first?.sha256 ?? '')).status).toBe(200)
  })

  it('that no bundle names any more goes when no event of its time can come', async () => {
    const tenant = await createTestTenant(owner, 'Forgetting')
    await owner.patch(tenant.at, { retention_days: 7 })
    const list = await tenant.list({ entries: ['a'] })
    await tenant.policy({ expression: `$in_list(user_id, "${list.name}")` })
    const path = `${tenant.at}/lists/${list.list_id}`
    const kept = database.connection().getClient().db(`${database.databasePrefix}_server`).collection('list_parts')
    const goneIn = async () => {
      const rows = await kept.find({ tenant_id: tenant.tenantId }).toArray()
      return rows.map(({ sha256, gone_at }) =>
        [sha256 === list.sha256, gone_at === null ? null : Math.round((gone_at - Date.now()) / DAY_MS)].join(' '),
      )
    }
    expect(await goneIn()).toEqual(['true '])
    await owner.patch(path, { entries: ['b'] })
    expect((await goneIn()).sort()).toEqual(['false ', 'true 8'])
    await owner.patch(path, { entries: ['a'] })
    expect((await goneIn()).sort()).toEqual(['false 8', 'true '])
    await owner.delete(tenant.at)
    expect(await goneIn()).toEqual([])
  })

  it('are not more than a bundle may have', async () => {
    const tenant = await createTestTenant(owner, 'Heavy')
    const entries = Array.from({ length: 16_000 }, (_, n) => `${n}`.padEnd(500, '.'))
    const expressions: string[] = []
    for (let made = 0; made < 5; made++) {
      const list = await tenant.list({ entries })
      const expression = `$in_list(user_id, "${list.name}")`
      expressions.push(expression)
      if (made === 4) break
      await tenant.action({ expression })
    }
    const answer = await owner.post(`${tenant.at}/actions`, { name: 'one too many', expression: expressions[4] })
    expect(problemOf(answer)).toMatchObject({ status: 422, code: 'bundle_too_large' })
  })
})
