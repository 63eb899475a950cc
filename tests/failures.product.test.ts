import { setTimeout as wait } from 'node:timers/promises'
import { type Product, startProduct, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, operatorOf, storedEvents } from './support/operator.js'
import { COUNTING_APP, type Shop, startShop, untilLive } from './support/shop.js'
import { createTenant, type TestTenant } from './support/tenant.js'
import { visitorOf } from './support/visitor.js'

/** What of the SDK's status says where each event is. */
interface Ledger {
  readonly recorded: number
  readonly accepted: number
  readonly dropped: Readonly<Record<string, number>>
  readonly queued: number
  readonly in_flight: number
  readonly uncertain: number
}

const VISITORS = 8
const PAUSE_MS = 60
/** The engine first: the lease of what it held then runs out while the others die. */
const SERVICES = ['engine', 'ingestion-broker', 'mitigation-broker', 'server'] as const

let product: Product
let operator: Operator
let tenant: TestTenant
let app: Shop

beforeAll(async () => {
  product = await startProduct()
  operator = operatorOf(product.apiUrl, await product.operatorToken())
  tenant = await createTenant(operator, 'Failures')
  const everything = { priority: 10, expression: 'true', action_ids: [] }
  await tenant.policy({ ...everything, name: 'Each' })
  await tenant.policy({ ...everything, name: 'All together', window: { seconds: 3_600, threshold: 100_000 } })
  const key = await tenant.key({ name: 'App', source_id: 'app', trust_level: 'Internal' })
  app = await startShop({ apiUrl: product.apiUrl, key, main: COUNTING_APP })
  await untilLive(operator, tenant.tenantId, 'app')
})
afterAll(async () => {
  await app?.stop()
  await product?.stop()
})

/** Requests without an end, until told; every one of them must be answered. */
function startTraffic() {
  let going = true
  let sent = 0
  const lines = Array.from({ length: VISITORS }, async (_, number) => {
    const visitor = visitorOf(app.url, { address: `192.0.2.${number + 1}` })
    while (going) {
      const { status } = await visitor.get('/')
      if (status !== 200) throw new Error(`the application answered ${status}`)
      sent += 1
      await wait(PAUSE_MS)
    }
    visitor.close()
  })
  return {
    sent: () => sent,
    async stop() {
      going = false
      await Promise.all(lines)
      return sent
    },
  }
}

async function ledger(): Promise<Ledger> {
  const response = await fetch(`${app.url}/-/status`)
  const { delivery }: { delivery: Ledger } = JSON.parse(await response.text())
  return delivery
}

describe('a service that is killed under traffic', () => {
  it('and started again loses nothing and counts nothing twice', async () => {
    const traffic = startTraffic()
    const more = async (requests: number) => {
      const goal = traffic.sent() + requests
      await waitUntil(() => traffic.sent() >= goal, { what: `${requests} more answers` })
    }
    await more(60)
    for (const service of SERVICES) {
      await product.kill(service)
      await more(80)
      await product.start(service)
      await more(80)
    }
    const sent = await traffic.stop()

    const delivered = await waitUntil(
      async () => {
        const now = await ledger()
        return now.queued + now.in_flight === 0 && now
      },
      { what: 'delivery of everything', timeoutMs: 60_000, everyMs: 200 },
    )
    expect(delivered).toMatchObject({ recorded: sent, accepted: sent, uncertain: 0, dropped: {} })
    const results = await waitUntil(
      async () => {
        const counts = await operator.results(tenant.tenantId)
        return counts.events >= sent && counts
      },
      { what: `${sent} decided events`, timeoutMs: 90_000, everyMs: 250 },
    )
    expect(results.events).toBe(sent)
    expect(results.of('Each')).toMatchObject({ total: sent, observe_count: sent, matched_count: sent })
    expect(results.of('All together')).toMatchObject({ total: 0, matched_count: sent, closest_n: sent })
    expect(await storedEvents(operator, tenant.tenantId)).toBe(sent)
  })
})
