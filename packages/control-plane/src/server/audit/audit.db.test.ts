import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firstOf, type Operator, problemOf } from '../testing/operator.js'
import { startServer, type TestServer } from '../testing/start-server.js'
import { findBreak } from './chain.js'
import { createAuditStore } from './store.js'

const database = useDatabase()
let server: TestServer
let owner: Operator
let tenantId: string
let at: string

beforeAll(async () => {
  server = await startServer({ database })
  owner = await server.operator('Olga')
  tenantId = (await owner.make('/tenants', { name: 'Acme' })).tenant_id
  at = `/tenants/${tenantId}`
})
afterAll(() => server.stop())

describe('the audit log', () => {
  it('tells who changed what, when, from where, with before and after', async () => {
    const action = await owner.make(`${at}/actions`, { name: 'login', expression: 'true' })
    const { body: changed } = await owner.patch(`${at}/actions/${action.action_id}`, { expression: 'false' })
    await owner.delete(`${at}/actions/${action.action_id}`)
    const { body } = await owner.get(`${at}/audit?limit=3`)
    const common = { resource_type: 'action', resource_id: action.action_id, ip: '127.0.0.1' }
    expect(body.items).toMatchObject([
      { ...common, action: 'action.delete', before: changed, after: null },
      { ...common, action: 'action.update', before: action, after: changed },
      { ...common, action: 'action.create', before: null, after: action },
    ])
    expect(firstOf(body.items).actor).toEqual({
      type: 'operator_token',
      user_id: expect.stringMatching(/^usr_/),
      name: 'Olga',
      via: 'bearer',
    })
    expect(Date.now() - Date.parse(firstOf(body.items).at)).toBeLessThan(60_000)
  })

  it('tells nothing of a change that did not happen', async () => {
    const before = await owner.get(`${at}/audit?limit=1`)
    await owner.post(`${at}/actions`, { name: 'bad', expression: '$eval("1")' })
    await owner.post(`${at}/policies`, { name: 'bad', expression: 'true', mitigation_id: 'mit_00000000' })
    expect((await owner.get(`${at}/audit?limit=1`)).body).toEqual(before.body)
  })

  it('comes in pages, newest first, without a gap', async () => {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`
      const { body } = await owner.get(`${at}/audit?limit=2${query}`)
      seen.push(...body.items.map((entry) => `${entry.previous_hash} ${entry.hash}`))
      cursor = body.next_cursor
    } while (cursor !== null)
    const pairs = seen.map((pair) => pair.split(' '))
    pairs.slice(1).forEach(([, hash], index) => {
      expect(pairs[index]?.[0]).toBe(hash)
    })
    expect(pairs.at(-1)?.[0]).toBe('0'.repeat(64))
  })

  it('cannot be changed through the API', async () => {
    const { body } = await owner.get(`${at}/audit?limit=1`)
    for (const path of [`${at}/audit`, `${at}/audit/${firstOf(body.items).audit_id}`]) {
      for (const method of ['PATCH', 'DELETE', 'PUT', 'POST']) {
        expect(problemOf(await owner.call(method, path, {})), `${method} ${path}`).toMatchObject({
          status: 405,
          code: 'method_not_allowed',
        })
      }
    }
    expect((await owner.get(`${at}/audit/${firstOf(body.items).audit_id}`)).body).toEqual(body.items[0])
  })

  it('is whole under changes that come all at once, and shows an alteration', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        owner.post(`${at}/actions`, { name: `at once ${index}`, expression: 'true' }),
      ),
    )
    const store = createAuditStore(database.connection())
    const entries = await store.chain(tenantId)
    expect(entries.length).toBeGreaterThan(15)
    expect(findBreak(entries)).toBeUndefined()
    const victim = entries[6]
    await database
      .connection()
      .collection('audit')
      .updateOne({ tenant_id: tenantId, sequence: victim?.sequence }, { $set: { 'actor.name': 'Somebody else' } })
    expect(findBreak(await store.chain(tenantId))).toEqual({ sequence: 7, problem: 'altered' })
    await database.connection().collection('audit').deleteOne({ tenant_id: tenantId, sequence: 3 })
    expect(findBreak(await store.chain(tenantId))).toEqual({ sequence: 3, problem: 'missing' })
  })
})
