import { type Product, startProduct, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, operatorOf, textOf, wholeDay } from './support/operator.js'
import { startShop, untilLive } from './support/shop.js'
import { createTenant, stuffingPolicy, type TestTenant } from './support/tenant.js'
import { visitorOf } from './support/visitor.js'

let product: Product
let ada: Operator
let eve: Operator
let adas: TestTenant
let eves: TestTenant
/** A resource of Ada's of each kind: collection, id. */
let secrets: readonly (readonly [collection: string, id: string])[]

beforeAll(async () => {
  product = await startProduct()
  ada = operatorOf(product.apiUrl, await product.operatorToken('Ada'))
  eve = operatorOf(product.apiUrl, await product.operatorToken('Eve'))
  adas = await createTenant(ada, 'Adas shop')
  eves = await createTenant(eve, 'Eves shop')
  const mitigationId = await adas.mitigation({ name: 'Login', mode: 'Block', duration_seconds: 60 })
  const policyId = await adas.policy(stuffingPolicy(adas, mitigationId))
  const key = await adas.key({ name: 'Shop', source_id: 'web', trust_level: 'Internal' })
  secrets = [
    ['api-keys', textOf(key, 'api_key_id')],
    ['actions', adas.loginActionId],
    ['entity-definitions', adas.addressEntityId],
    ['mitigations', mitigationId],
    ['policies', policyId],
  ]
  await trafficOf(key)
})
afterAll(() => product?.stop())

/** Six attempts: one active mitigation, six events, decisions. */
async function trafficOf(key: Readonly<Record<string, unknown>>): Promise<void> {
  const shop = await startShop({ apiUrl: product.apiUrl, key })
  await untilLive(ada, adas.tenantId, 'web')
  const visitor = visitorOf(shop.url, { address: '192.0.2.9' })
  for (let attempt = 0; attempt < 6; attempt++) await visitor.tryPassword()
  visitor.close()
  await waitUntil(async () => (await ada.results(adas.tenantId)).events === 6, { what: 'six decided events' })
  await shop.stop()
}

describe("another tenant's", () => {
  it('everything is not there: no list, no item, no change, no deletion', async () => {
    for (const [collection, id] of secrets) {
      const item = `${adas.at}/${collection}/${id}`
      for (const [method, path, body] of [
        ['GET', `${adas.at}/${collection}`, undefined],
        ['GET', item, undefined],
        ['PATCH', item, { name: 'Mine now' }],
        ['DELETE', item, undefined],
        ['POST', `${adas.at}/${collection}`, { name: 'Mine now' }],
      ] as const) {
        const { status, body: problem } = await eve.call(method, path, body)
        expect(`${method} ${path}: ${status} ${problem.code}`).toBe(`${method} ${path}: 404 not_found`)
      }
    }
  })

  it('events, results, mitigations, members, audit and settings are not there either', async () => {
    const spans = ['events', 'results/policies', 'results/series'].map((path) => `${path}?${wholeDay()}`)
    const places = ['active-mitigations', 'memberships', 'audit', 'revisions', 'sources', 'setup', 'fields', ...spans]
    for (const path of ['', ...places.map((place) => `/${place}`)]) {
      const { status, body } = await eve.call('GET', `${adas.at}${path}`)
      expect(`${path}: ${status} ${body.code}`).toBe(`${path}: 404 not_found`)
      expect((await ada.call('GET', `${adas.at}${path}`)).status).toBe(200)
    }
  })

  it('ids say nothing under my own tenant', async () => {
    for (const [collection, id] of secrets) {
      const { status, body } = await eve.call('GET', `${eves.at}/${collection}/${id}`)
      expect(`${status} ${body.code}`).toBe('404 not_found')
    }
    const [event] = await ada.items(`${adas.at}/events?${wholeDay()}`)
    const [held] = await ada.items(`${adas.at}/active-mitigations`)
    if (!event || !held) throw new Error('no traffic')
    expect((await eve.call('GET', `${eves.at}/events/${textOf(event, 'event_id')}`)).status).toBe(404)
    const heldId = textOf(held, 'active_mitigation_id')
    expect((await eve.call('DELETE', `${eves.at}/active-mitigations/${heldId}`)).status).toBe(404)
    expect(await ada.items(`${adas.at}/active-mitigations`)).toHaveLength(1)
  })

  it('resources cannot be named in mine', async () => {
    const own = { name: 'Borrowed', priority: 1, expression: 'true', action_ids: [] as string[] }
    for (const reference of [
      { action_ids: [adas.loginActionId] },
      { entity_definition_id: adas.addressEntityId },
      { mitigation_id: secrets.find(([collection]) => collection === 'mitigations')?.[1] },
    ]) {
      const { status, body } = await eve.call('POST', `${eves.at}/policies`, { ...own, ...reference })
      expect(`${status} ${body.code}`).toBe('422 unknown_reference')
    }
  })

  it('counts are not in mine, and neither am I', async () => {
    const { items } = await eve.get(`${eves.at}/results/policies?${wholeDay()}`)
    expect(items).toEqual([])
    expect(await eve.items(`${eves.at}/events?${wholeDay()}`)).toEqual([])
    const names = (await eve.items('tenants')).map((tenant) => tenant.name)
    expect(names).toEqual(['Eves shop'])
  })
})

describe('a role', () => {
  it('says what a member may do, from one request to the next', async () => {
    const me = await eve.get('me')
    const userId = textOf(me.user as Readonly<Record<string, unknown>>, 'user_id')
    const action = { name: 'checkout', expression: 'request_path = "/checkout"' }
    await ada.call('POST', `${adas.at}/memberships`, { user_id: userId, role: 'Viewer' })
    expect((await eve.call('GET', `${adas.at}/policies`)).status).toBe(200)
    expect((await eve.call('POST', `${adas.at}/actions`, action)).body).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
    await ada.call('POST', `${adas.at}/memberships`, { user_id: userId, role: 'Admin' })
    expect((await eve.call('POST', `${adas.at}/actions`, action)).status).toBe(201)
    expect((await eve.call('DELETE', adas.at)).body).toMatchObject({ status: 403, code: 'forbidden' })
    await ada.call('DELETE', `${adas.at}/memberships/${userId}`)
    expect((await eve.call('GET', `${adas.at}/policies`)).status).toBe(404)
  })

  it('of the last Owner stays', async () => {
    const me = await ada.get('me')
    const userId = textOf(me.user as Readonly<Record<string, unknown>>, 'user_id')
    const { status, body } = await ada.call('DELETE', `${adas.at}/memberships/${userId}`)
    expect(`${status} ${body.code}`).toBe('409 last_owner')
  })
})
