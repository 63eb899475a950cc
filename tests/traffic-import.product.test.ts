import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Product, startProduct, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, operatorOf, textOf } from './support/operator.js'
import { runProgram } from './support/program.js'
import { createTenant, stuffingPolicy, type TestTenant } from './support/tenant.js'

let product: Product
let operator: Operator
const folder = mkdtempSync(join(tmpdir(), 'esper-traffic-'))

beforeAll(async () => {
  product = await startProduct()
  operator = operatorOf(product.apiUrl, await product.operatorToken())
})
afterAll(async () => {
  await product?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const LINES = 20_000
/** One line a second, three days ago. */
const BEGUN = Math.floor((Date.now() - 3 * 86_400_000) / 3_600_000) * 3_600_000

/** Every tenth line is an attempt at the login form by one of two addresses; a minute has three of each. */
function line(index: number): string {
  const at = new Date(BEGUN + index * 1_000).toISOString()
  const time = `${at.slice(8, 10)}/${MONTHS[Number(at.slice(5, 7)) - 1]}/${at.slice(0, 4)}:${at.slice(11, 19)} +0000`
  const isLogin = index % 10 === 0
  const address = isLogin ? `192.0.2.${(index / 10) % 2}` : `198.51.100.${index % 200}`
  const request = isLogin ? 'POST /login' : `GET /articles/${index}?token=s3cr3t-${index}`
  return `${address} - - [${time}] "${request} HTTP/1.1" 200 512 "-" "agent/${index % 5}"`
}

async function esper(args: readonly string[], key: Readonly<Record<string, unknown>>) {
  const env = {
    ESPER_URL: product.apiUrl,
    ESPER_KEY_ID: textOf(key, 'api_key_id'),
    ESPER_SECRET: textOf(key, 'secret'),
  }
  const program = runProgram({ args: ['traffic', 'import', '--state', join(folder, 'state'), ...args], env })
  const code = await program.ended
  return { code, summary: JSON.parse(program.stdout() || '{}'), stderr: program.stderr() }
}

async function resultsOf(tenant: TestTenant, events: number) {
  const span = new URLSearchParams({
    from: new Date(BEGUN).toISOString(),
    to: new Date(BEGUN + LINES * 1_000 + 3_600_000).toISOString(),
  })
  return await waitUntil(
    async () => {
      const results = await operator.get(`${tenant.at}/results/policies?${span}`)
      return results.events === events && Array.isArray(results.items) && results.items
    },
    { what: `${events} decided events`, timeoutMs: 60_000, everyMs: 250 },
  )
}

describe('esper traffic import', () => {
  it("puts last week's log into Results, exactly, and blocks nobody today", async () => {
    const tenant = await createTenant(operator, 'Import')
    const mitigationId = await tenant.mitigation({ name: 'Block', mode: 'Block', duration_seconds: 3_600 })
    await tenant.policy({ ...stuffingPolicy(tenant, mitigationId), window: { seconds: 60, threshold: 3 } })
    await tenant.policy({ name: 'Languages', expression: '$exists(headers."accept-language")', priority: 20 })
    await tenant.policy({ name: 'Agents', expression: 'user_agent = "agent/1"', priority: 30 })
    const key = await tenant.key({ name: 'Logs', source_id: 'logs', trust_level: 'Internal' })
    const path = join(folder, 'access.log.gz')
    const content = Array.from({ length: LINES }, (_, index) => line(index)).join('\n')
    writeFileSync(path, gzipSync(`${content}\nnot a line\n`))

    const first = await esper([path], key)
    expect(first.stderr).toBe('')
    expect(first.code).toBe(0)
    expect(first.summary).toMatchObject({ format: 'combined', events: LINES, unreadable_lines: 1 })
    const again = await esper([path], key)
    expect(again.summary).toMatchObject({ events: 0, earlier_lines: LINES + 1 })
    const restarted = await esper([path, '--restart'], key)
    expect(restarted.summary).toMatchObject({ events: LINES, known_events: LINES })

    const items = await resultsOf(tenant, LINES)
    const of = (name: string) => items.find((item) => item.name === name)
    // Each address tries every 20 seconds: from its third attempt on there are three within any minute.
    const attempts = LINES / 10
    expect(of('Stuffing')).toMatchObject({
      matched_count: attempts,
      block_count: attempts - 4,
      enforced_count: 0,
      closest_n: 3,
      not_captured_count: 0,
    })
    expect(of('Languages')).toMatchObject({ matched_count: 0, not_captured_count: LINES })
    expect(of('Agents')).toMatchObject({ observe_count: LINES / 5, not_captured_count: 0 })
    expect(await operator.items(`${tenant.at}/active-mitigations`)).toEqual([])
    const events = await operator.get(`${tenant.at}/events?from=${new Date(BEGUN).toISOString()}&limit=50`)
    expect(JSON.stringify(events)).not.toContain('s3cr3t')
  })

  it('says what is wrong, and sends nothing', async () => {
    const tenant = await createTenant(operator, 'Import refused')
    const key = await tenant.key({ name: 'Logs', source_id: 'logs', trust_level: 'Internal' })
    const path = join(folder, 'other.log')
    writeFileSync(path, `${line(0)}\n`)
    const wrong = await esper([path], { ...key, secret: 'x'.repeat(40) })
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toContain('The key is not accepted')
    const missing = await esper([join(folder, 'none.log')], key)
    expect(missing.code).toBe(2)
    const unset = await esper([path], { api_key_id: '', secret: '' })
    expect(unset.code).toBe(2)
    expect(unset.stderr).toContain('ESPER_SECRET')
  })
})
