import { type Product, startProduct, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, operatorOf, textOf } from './support/operator.js'
import { type Shop, startShop, untilLive } from './support/shop.js'
import { createTenant, stuffingPolicy, type TestTenant } from './support/tenant.js'
import { visitorOf } from './support/visitor.js'

let product: Product
let operator: Operator
let tenant: TestTenant
let shop: Shop
/** Where the list of these tests is. */
let list: string

beforeAll(async () => {
  product = await startProduct()
  operator = operatorOf(product.apiUrl, await product.operatorToken())
  tenant = await createTenant(operator, 'Lists')
  const key = await tenant.key({ name: 'Shop', source_id: 'web', trust_level: 'Internal' })
  shop = await startShop({ apiUrl: product.apiUrl, key })
})
afterAll(async () => {
  await shop?.stop()
  await product?.stop()
})

const live = () => untilLive(operator, tenant.tenantId, 'web')

/** What one address is answered: a status, or `block`. */
async function answerTo(address: string, ask: 'page' | 'password' = 'page'): Promise<number | string> {
  const visitor = visitorOf(shop.url, { address })
  const { status, mitigation } = await (ask === 'page' ? visitor.get('/articles') : visitor.tryPassword())
  visitor.close()
  return mitigation ?? status
}

async function answersTo(addresses: readonly string[]): Promise<(number | string)[]> {
  const answers: (number | string)[] = []
  for (const address of addresses) answers.push(await answerTo(address))
  return answers
}

async function edit(what: 'entries' | 'entries/remove', body: object): Promise<void> {
  expect(await operator.call('POST', `${list}/${what}`, body)).toMatchObject({ status: 200 })
}

const decided = (events: number) =>
  waitUntil(
    async () => {
      const results = await operator.results(tenant.tenantId)
      return results.events === events && results
    },
    { what: `${events} decided events`, timeoutMs: 30_000, everyMs: 150 },
  )

describe('a list', () => {
  const addresses = Array.from({ length: 100_000 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)

  it('that is edited through the API decides in the SDK and in the engine, 100,000 entries of it', async () => {
    const mitigationId = await tenant.mitigation({ name: 'Stop', mode: 'Block', duration_seconds: 60 })
    const created = await operator.create(`${tenant.at}/lists`, { name: 'known attackers', entries: ['192.0.2.0/28'] })
    list = `${tenant.at}/lists/${textOf(created, 'list_id')}`
    await tenant.policy({
      name: 'Listed',
      expression: '$in_list(client_ip, "known attackers")',
      mitigation_id: mitigationId,
    })
    await live()
    expect(await answersTo(['192.0.2.9', '192.0.2.77', '2001:db8::1', '10.1.134.159'])).toEqual([
      'block',
      200,
      200,
      200,
    ])
    // The engine decides by what is in force when it comes to an event.
    await decided(4)
    await edit('entries', { entries: [...addresses.slice(10), { value: '2001:db8::/64' }] })
    await live()
    expect(await answersTo(['192.0.2.9', '192.0.2.77', '2001:db8::1', '10.1.134.159', '10.0.0.0'])).toEqual([
      ...['block', 200, 'block', 'block', 200],
    ])
    await decided(9)
    await edit('entries/remove', { values: ['10.1.134.159'] })
    await live()
    expect(await answersTo(['10.1.134.159', '10.1.134.158'])).toEqual([200, 'block'])
    expect((await decided(11)).of('Listed')).toMatchObject({ block_count: 5, enforced_count: 5, matched_count: 5 })
  })

  it('forgets an entry when its time is over, with no new bundle', async () => {
    const revisions = async () => (await operator.items(`${tenant.at}/revisions`)).length
    const expires_at = new Date(Date.now() + 15_000).toISOString()
    await edit('entries', { entries: [{ value: '203.0.113.5', expires_at }] })
    await live()
    const before = await revisions()
    expect(await answerTo('203.0.113.5')).toBe('block')
    await waitUntil(async () => (await answerTo('203.0.113.5')) === 200, {
      what: 'the end of its time',
      timeoutMs: 20_000,
    })
    expect(await revisions()).toBe(before)
  })
})

describe('whom one releases and exempts', () => {
  it('passes at once, in the SDK and in the engine, and for so long as was said', async () => {
    const mitigationId = await tenant.mitigation({ name: 'Login', mode: 'Block', duration_seconds: 600 })
    await tenant.policy(stuffingPolicy(tenant, mitigationId))
    await live()
    const [office, other] = ['198.51.100.7', '198.51.100.8']
    for (const address of [office, other]) {
      for (let attempt = 0; attempt < 5; attempt++) await answerTo(address, 'password')
      expect(await answerTo(address, 'password')).toBe('block')
    }
    const heldOf = async (address: string) => {
      const held = await operator.items(`${tenant.at}/active-mitigations`)
      return held.find(({ entity }) => JSON.stringify(entity).includes(address))
    }
    const held = await waitUntil(async () => (await heldOf(office)) ?? false, { what: 'the active mitigation' })
    const path = `${tenant.at}/active-mitigations/${textOf(held, 'active_mitigation_id')}/release`
    const before = (await operator.results(tenant.tenantId)).of('Listed')
    const { status, body } = await operator.call('POST', path, { exempt: { for_seconds: 30, note: 'Our office' } })
    expect([status, body.exemption]).toMatchObject([
      200,
      { expression: `client_ip = "${office}" and trust_level != "External"` },
    ])
    await edit('entries', { entries: [office] })
    await live()
    const attempts: (number | string)[] = []
    for (let attempt = 0; attempt < 7; attempt++) attempts.push(await answerTo(office, 'password'))
    expect(attempts).toEqual(Array.from({ length: 7 }, () => 401))
    expect(await answerTo(other, 'password')).toBe('block')
    // What would have happened is recorded, and beside it that it did not.
    const listed = await waitUntil(
      async () => {
        const result = (await operator.results(tenant.tenantId)).of('Listed')
        return result.exempt_count === 7 && result
      },
      { what: 'what would have happened', timeoutMs: 30_000, everyMs: 150 },
    )
    expect([listed.block_count - before.block_count, listed.enforced_count - before.enforced_count]).toEqual([7, 0])
    expect(await heldOf(office)).toBeUndefined()
    const isBlocked = async () => (await answerTo(office)) === 'block'
    await waitUntil(isBlocked, { what: 'the end of the exemption', timeoutMs: 60_000, everyMs: 1_000 })
  })
})
