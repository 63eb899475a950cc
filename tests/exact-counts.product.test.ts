import { type Product, startProduct, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, operatorOf, type Results, storedEvents, textOf, wholeDay } from './support/operator.js'
import { type Shop, startShop, untilLive } from './support/shop.js'
import { createTenant, stuffingPolicy, type TestTenant } from './support/tenant.js'
import { type VisitorAnswer, visitorOf } from './support/visitor.js'

let product: Product
let operator: Operator
const shops: Shop[] = []

beforeAll(async () => {
  product = await startProduct()
  operator = operatorOf(product.apiUrl, await product.operatorToken())
})
afterAll(async () => {
  await Promise.all(shops.map((shop) => shop.stop()))
  await product?.stop()
})

async function shopOf(tenant: TestTenant, sourceId: string, trustLevel: string): Promise<Shop> {
  const key = await tenant.key({ name: `Shop ${sourceId}`, source_id: sourceId, trust_level: trustLevel })
  const shop = await startShop({ apiUrl: product.apiUrl, key })
  shops.push(shop)
  await untilLive(operator, tenant.tenantId, sourceId)
  return shop
}

/** Waits until so many events of the tenant are decided, and gives the counts as they then are. */
function decided(tenant: TestTenant, events: number): Promise<Results> {
  return waitUntil(
    async () => {
      const results = await operator.results(tenant.tenantId)
      if (results.events > events) throw new Error(`${results.events} events decided, ${events} sent`)
      return results.events === events && results
    },
    { what: `${events} decided events`, timeoutMs: 30_000, everyMs: 150 },
  )
}

/** What one address is answered at the login form, one attempt after the other. */
async function attempts(shop: Shop, address: string, count: number): Promise<string[]> {
  return asked(
    shop,
    address,
    Array.from({ length: count }, () => 'login'),
  )
}

async function asked(shop: Shop, address: string, paths: readonly string[]): Promise<string[]> {
  const visitor = visitorOf(shop.url, { address })
  const answers: string[] = []
  for (const path of paths) answers.push(inAWord(await (path === 'login' ? visitor.tryPassword() : visitor.get(path))))
  visitor.close()
  return answers
}

function inAWord({ status, mitigation }: VisitorAnswer): string {
  return mitigation ? `${status} ${mitigation}` : `${status}`
}

const times = (count: number, answer: string) => Array.from({ length: count }, () => answer)

describe('one source, one window, three modes', () => {
  it('counts what was sent, observes, challenges and blocks, and says so', async () => {
    const tenant = await createTenant(operator, 'Modes')
    const mitigationId = await tenant.mitigation({ name: 'Login', mode: 'Monitor', duration_seconds: 60 })
    const policyId = await tenant.policy(stuffingPolicy(tenant, mitigationId))
    const shop = await shopOf(tenant, 'web', 'Internal')
    const setMode = async (mode: string) => {
      await operator.change(`${tenant.at}/mitigations/${mitigationId}`, { mode })
      await untilLive(operator, tenant.tenantId, 'web')
    }

    // Monitor: 8 attempts of one address (the 5th to 8th hold), 3 of another, 4 pages that no policy is about.
    expect(await attempts(shop, '192.0.2.1', 8)).toEqual(times(8, '401'))
    expect(await attempts(shop, '192.0.2.2', 3)).toEqual(times(3, '401'))
    expect(await asked(shop, '192.0.2.1', times(4, '/articles'))).toEqual(times(4, '200'))
    expect((await decided(tenant, 15)).of('Stuffing')).toMatchObject({
      total: 4,
      observe_count: 4,
      challenge_count: 0,
      block_count: 0,
      enforced_count: 0,
      cleared_count: 0,
      matched_count: 11,
      not_captured_count: 0,
      closest_n: 8,
    })

    // Challenge: 7 attempts, of which the 5th to 7th meet it.
    await setMode('Challenge')
    expect(await attempts(shop, '192.0.2.3', 7)).toEqual([...times(4, '401'), ...times(3, '403 challenge')])
    expect((await decided(tenant, 22)).of('Stuffing')).toMatchObject({
      total: 7,
      observe_count: 4,
      challenge_count: 3,
      enforced_count: 3,
      matched_count: 18,
    })

    // Block, of scope `policy`: 6 attempts, 2 blocked; the same address may read articles.
    await setMode('Block')
    const answers = await asked(shop, '192.0.2.4', [...times(6, 'login'), '/articles', '/'])
    expect(answers).toEqual([...times(4, '401'), ...times(2, '403 block'), '200', '200'])
    const results = await decided(tenant, 30)
    expect(results.of('Stuffing')).toMatchObject({
      total: 9,
      observe_count: 4,
      challenge_count: 3,
      block_count: 2,
      enforced_count: 5,
      shadowed_count: 0,
      exempt_count: 0,
      matched_count: 24,
    })
    expect(Date.parse(results.of('Stuffing').last_matched_at ?? '')).toBeGreaterThan(Date.now() - 120_000)

    // Every event is stored, each decision names its event, entity and revision.
    expect(await storedEvents(operator, tenant.tenantId)).toBe(30)
    const detail = await operator.get(`${tenant.at}/results/policies/${policyId}?${wholeDay()}`)
    expect(detail.decisions).toHaveLength(9)
    expect(detail.decisions).toContainEqual(
      expect.objectContaining({
        outcome: 'block',
        enforced: true,
        origin: 'policy',
        entity: [['client_ip', '192.0.2.4']],
        n: 5,
        policy_revision: 1,
      }),
    )
  })

  it('holds every request of an entity under scope `entity`', async () => {
    const tenant = await createTenant(operator, 'Scopes')
    const mitigationId = await tenant.mitigation({
      name: 'Address',
      mode: 'Block',
      scope: 'entity',
      duration_seconds: 60,
      response: { status: 429, retry_after: 'auto' },
    })
    await tenant.policy(stuffingPolicy(tenant, mitigationId))
    const shop = await shopOf(tenant, 'web', 'Internal')

    // 4 attempts pass, the 5th is blocked, and so are 3 pages of the same address; another address reads on.
    const answers = await asked(shop, '192.0.2.5', [...times(5, 'login'), ...times(3, '/')])
    expect(answers).toEqual([...times(4, '401'), ...times(4, '429 block')])
    expect(await asked(shop, '192.0.2.6', ['/'])).toEqual(['200'])
    expect((await decided(tenant, 9)).of('Stuffing')).toMatchObject({
      total: 4,
      block_count: 4,
      enforced_count: 4,
      matched_count: 5,
    })
    const live = await operator.items(`${tenant.at}/active-mitigations`)
    expect(live).toHaveLength(1)
    expect(live[0]).toMatchObject({ entity: [['client_ip', '192.0.2.5']] })
  })
})

describe('counting scopes', () => {
  it('count Internal sources together and an External source alone', async () => {
    const tenant = await createTenant(operator, 'Counting')
    const mitigationId = await tenant.mitigation({ name: 'Login', mode: 'Block', duration_seconds: 60 })
    await tenant.policy(stuffingPolicy(tenant, mitigationId))
    const web = await shopOf(tenant, 'web', 'Internal')
    const app = await shopOf(tenant, 'app', 'Internal')
    const partner = await shopOf(tenant, 'partner', 'External')
    const address = '192.0.2.7'

    // 3 + 2 attempts at two Internal sources: none of them sees 5, together they are 5. The 5th holds, too late for itself.
    expect(await attempts(web, address, 3)).toEqual(times(3, '401'))
    await decided(tenant, 3)
    expect(await attempts(app, address, 2)).toEqual(times(2, '401'))
    expect((await decided(tenant, 5)).of('Stuffing')).toMatchObject({ block_count: 1, enforced_count: 0, closest_n: 5 })

    // What that made reaches both: attempts that come before it hold but pass, the first after it is blocked.
    const passed = await untilBlocked(web, address)
    expect((await decided(tenant, 6 + passed)).of('Stuffing')).toMatchObject({
      block_count: 2 + passed,
      enforced_count: 1,
      matched_count: 6 + passed,
    })
    const passedAtApp = await untilBlocked(app, address)
    const internal = 7 + passed + passedAtApp

    // The partner's four attempts count alone and are let through; its fifth is blocked by its own count.
    expect(await attempts(partner, address, 5)).toEqual([...times(4, '401'), '403 block'])
    expect((await decided(tenant, internal + 5)).of('Stuffing')).toMatchObject({
      block_count: internal - 4 + 1,
      enforced_count: 3,
      matched_count: internal + 5,
    })

    // And what the partner's count made holds nobody elsewhere.
    expect(await attempts(partner, '192.0.2.8', 6)).toEqual([...times(4, '401'), ...times(2, '403 block')])
    await decided(tenant, internal + 11)
    expect(await attempts(web, '192.0.2.8', 1)).toEqual(['401'])
    const scopes = (await operator.items(`${tenant.at}/active-mitigations`)).map((item) =>
      textOf(item, 'counting_scope'),
    )
    expect(scopes.sort()).toEqual(['source:partner', 'source:partner', 'tenant'])
  })
})

/** How many attempts passed before the first that was blocked. */
async function untilBlocked(shop: Shop, address: string): Promise<number> {
  let passed = 0
  await waitUntil(
    async () => {
      const [answer] = await attempts(shop, address, 1)
      if (answer === '403 block') return true
      passed += 1
      return false
    },
    { what: 'the mitigation of the other source', everyMs: 200, timeoutMs: 15_000 },
  )
  return passed
}
