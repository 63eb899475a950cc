import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { launchBrowser, type Product, startProduct, waitUntil } from '@esper/testkit'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ConsolePage, consoleOf } from './support/console.js'
import { type Operator, operatorOf, textOf } from './support/operator.js'
import { type Shop, startShop, untilLive } from './support/shop.js'

const TRAFFIC = fileURLToPath(new URL('../scripts/traffic.mjs', import.meta.url))
const REQUESTS = 300
const OPERATOR = 'Nora Newcomer'

let product: Product
let operator: Operator
let browser: Browser
let context: BrowserContext
let newcomer: ConsolePage
let shop: Shop
const key = { key_id: '', secret: '' }

beforeAll(async () => {
  product = await startProduct()
  operator = operatorOf(product.apiUrl, await product.operatorToken(OPERATOR))
  browser = await launchBrowser()
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  context.setDefaultTimeout(15_000)
  newcomer = consoleOf(await context.newPage())
})
afterAll(async () => {
  await browser?.close()
  await shop?.stop()
  await product?.stop()
})

describe('the quickstart, in a browser', () => {
  it('1 signs in with the link and creates a tenant', async () => {
    const { page } = newcomer
    await page.goto(await product.loginLink(OPERATOR))
    await page.getByRole('form', { name: 'Create tenant' }).waitFor()
    await page.getByLabel('Name', { exact: true }).fill('My shop')
    await page.getByRole('button', { name: 'Create tenant' }).click()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/t/my-shop/overview')
  })

  it('2 issues an API key and is shown its secret', async () => {
    await newcomer.open('API keys')
    await newcomer.create('API key', async (form) => {
      await form.text('Name', 'Shop')
      await form.text('Source ID', 'web')
      await form.choose('Internal')
    })
    const shown = await newcomer.shown()
    key.secret = /esk_[\w-]{43}/.exec(shown)?.[0] ?? 'not shown'
    key.key_id = /ESPER_KEY_ID=(\S+)/.exec(shown)?.[1] ?? 'not shown'
    expect(Object.values(key)).not.toContain('not shown')
  })

  it('3 defines the action login', async () => {
    await newcomer.open('Actions')
    await newcomer.create('action', async (form) => {
      await form.text('Name', 'login')
      await form.text('Expression', 'request_method = "POST" and request_path = "/login"')
      await newcomer.page.getByText('Valid. It reads request_method, request_path.').waitFor()
    })
  })

  it('4 defines the entity source_id + request_header_user_agent', async () => {
    await newcomer.open('Entities')
    await newcomer.create('entity', async (form) => {
      await form.text('Name', 'source-user-agent')
      await form.fields('Key fields', ['source_id', 'request_header_user_agent'])
    })
  })

  it('5 defines a mitigation in Monitor', async () => {
    await newcomer.open('Mitigation')
    await newcomer.create('mitigation', async (form) => {
      await form.text('Name', 'Login protection')
      await form.choose('Monitor')
    })
  })

  it('6 defines a policy with a window', async () => {
    await newcomer.open('Policies')
    await newcomer.create('policy', async (form) => {
      await form.text('Name', 'Credential stuffing')
      await form.check('login')
      await form.text('Expression', 'true')
      await form.pick('Entity', /^source-user-agent/)
      await form.check('Hold only from a threshold on')
      await form.text('Threshold', '5')
      await form.text('Window seconds', '60')
      await newcomer.page.getByText('at least 5 in 60 seconds, per source-user-agent').waitFor()
      await form.pick('Mitigation', /^Login protection/)
    })
  })

  it('7 sends traffic to a shop with that key', async () => {
    shop = await startShop({ apiUrl: product.apiUrl, key })
    await untilLive(operator, await tenantId(), 'web')
    const args = [TRAFFIC, '--url', shop.url, '--requests', String(REQUESTS), '--rate', '150', '--json']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const report: { requests: number; answers: Record<string, number> } = JSON.parse(stdout)
    expect(report.requests).toBe(REQUESTS)
    expect(Object.keys(report.answers).filter((answer) => answer.includes(' '))).toEqual([])
  })

  it('8 sees in Results and in Audit what happened', async () => {
    const results = await waitUntil(
      async () => {
        const counts = await operator.results(await tenantId())
        return counts.events === REQUESTS && counts.of('Credential stuffing')
      },
      { what: `${REQUESTS} decided events`, timeoutMs: 30_000, everyMs: 200 },
    )
    expect(results.observe_count).toBeGreaterThan(0)
    expect(results).toMatchObject({ total: results.observe_count, challenge_count: 0, block_count: 0 })

    const { page } = newcomer
    await newcomer.open('Results')
    const row = page.getByRole('row').filter({ hasText: 'Credential stuffing' })
    await row.getByText(String(results.observe_count), { exact: true }).first().waitFor()
    await newcomer.open('Audit')
    for (const action of ['tenant.create', 'api_key.create', 'action.create', 'mitigation.create', 'policy.create']) {
      await page.getByText(action, { exact: true }).first().waitFor()
    }
    await page.getByText(OPERATOR).first().waitFor()
    expect(await page.getByRole('main').textContent()).not.toContain(key.secret)
  })
})

describe('from Monitor to Challenge to Block', () => {
  const login = '/login'

  async function setMode(mode: string): Promise<void> {
    await newcomer.open('Mitigation')
    await newcomer.change('Login protection', (form) => form.choose(mode))
    await waitUntil(
      async () => {
        const [mitigation] = await operator.items(`tenants/${await tenantId()}/mitigations`)
        return mitigation?.mode === mode
      },
      { what: `mode ${mode}` },
    )
    await untilLive(operator, await tenantId(), 'web')
  }

  /** A visitor whose User-Agent nobody else has, at the login form. */
  async function visitorAtLogin(userAgent: string) {
    const visitor = await browser.newContext({ userAgent })
    visitor.setDefaultTimeout(15_000)
    const page = await visitor.newPage()
    const tryPassword = async (password: string) => {
      await page.goto(`${shop.url}${login}`)
      await page.getByLabel('E-mail address').fill('ada@example.com')
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    }
    const fail = async () => {
      await tryPassword('wrong')
      await page.getByRole('alert').waitFor()
    }
    return { page, tryPassword, fail, close: () => visitor.close() }
  }

  it('a challenged form is solved by the browser and arrives as it was sent', async () => {
    await setMode('Challenge')
    const visitor = await visitorAtLogin('Mozilla/5.0 (Challenged) Chrome/147.0')
    for (let attempt = 1; attempt <= 4; attempt++) await visitor.fail()
    const challenged = visitor.page.waitForResponse((response) => response.status() === 403)
    await visitor.tryPassword('correct horse')
    expect((await challenged).headers()['esper-mitigation']).toBe('challenge')
    await visitor.page.getByRole('heading', { name: 'Hello, Ada' }).waitFor({ timeout: 30_000 })
    await visitor.close()
    const counts = await waitUntil(
      async () => {
        const of = (await operator.results(await tenantId())).of('Credential stuffing')
        return of.cleared_count > 0 && of
      },
      { what: 'a cleared challenge in Results', timeoutMs: 20_000 },
    )
    expect(counts.challenge_count).toBeGreaterThan(0)
  })

  it('a blocked form is refused with a reference', async () => {
    await setMode('Block')
    const visitor = await visitorAtLogin('Mozilla/5.0 (Blocked) Chrome/147.0')
    for (let attempt = 1; attempt <= 4; attempt++) await visitor.fail()
    const blocked = visitor.page.waitForResponse((response) => response.request().method() === 'POST')
    await visitor.tryPassword('correct horse')
    const response = await blocked
    expect(response.status()).toBe(403)
    expect(response.headers()['esper-mitigation']).toBe('block')
    expect(response.headers()['cache-control']).toContain('no-store')
    await visitor.close()
    await newcomer.open('Results')
    await waitUntil(
      async () => (await operator.results(await tenantId())).of('Credential stuffing').block_count === 1,
      {
        what: 'the block in Results',
        timeoutMs: 20_000,
      },
    )
  })
})

async function tenantId(): Promise<string> {
  const [tenant] = await operator.items('tenants')
  if (!tenant) throw new Error('no tenant')
  return textOf(tenant, 'tenant_id')
}
