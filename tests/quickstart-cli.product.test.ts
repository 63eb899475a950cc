import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Product, startProduct } from '@esper/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { operatorOf, textOf } from './support/operator.js'

const SCRIPT = fileURLToPath(new URL('../examples/quickstart-cli.sh', import.meta.url))

let product: Product
let home: string

beforeAll(async () => {
  product = await startProduct()
  home = mkdtempSync(join(tmpdir(), 'esper-quickstart-'))
})
afterAll(async () => {
  await product?.stop()
  rmSync(home, { recursive: true, force: true })
})

it('the quickstart can be done by command line alone: from sign-in to counts in Results and in Audit', async () => {
  const token = await product.operatorToken('Nora Newcomer')
  const printed = await runScript(token)
  expect(printed).toContain('"observe_count": 2')
  expect(printed).toContain('"action": "policy.create"')
  expect(printed).not.toMatch(/esk_[\w-]{20}/)

  const operator = operatorOf(product.apiUrl, token)
  const [tenant = {}] = await operator.items('tenants')
  const results = await operator.results(textOf(tenant, 'tenant_id'))
  expect(results.events).toBe(6)
  expect(results.of('Credential stuffing')).toMatchObject({
    total: 2,
    observe_count: 2,
    matched_count: 6,
    closest_n: 6,
  })
})

/** As a shell would, with a home of its own. Resolves with everything it printed. */
function runScript(token: string): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: home, ESPER_URL: product.apiUrl }
  return new Promise((resolve, reject) => {
    const child = execFile('bash', [SCRIPT], { env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr)
      else reject(new Error(`${error.message}\n${stdout}${stderr}`))
    })
    child.stdin?.end(`${token}\n`)
  })
}
