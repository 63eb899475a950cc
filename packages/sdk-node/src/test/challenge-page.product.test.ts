import { launchBrowser } from '@esper/testkit'
import express, { type Express } from 'express'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WAIT_SECONDS } from '../enforce/challenge-desk.js'
import { mitigation, policy } from './bundle-fixture.js'
import { Harness } from './harness.js'

let browser: Browser
let harness: Harness
let context: BrowserContext | undefined
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(async () => {
  await context?.close()
  await harness.end()
})

function challenge(level: number): void {
  const settings = { provider: 'pow', level, min_level: 1, one_time: false } as const
  harness.controlPlane.bundle = {
    ...harness.controlPlane.bundle,
    mitigations: [mitigation('Challenge', { challenge: settings })],
    policies: [policy('prove', '/account', { mitigation_id: 'mit_challenge', entity_definition_id: 'ent_ip' })],
  }
}

const FORM = `<!doctype html><title>Form</title><form method="post" action="/account">
<input name="name" value='Zoë "X" &lt;/form&gt;'><input name="tag" value="a"><input name="tag" value="b"><button>Send</button></form>`

function routes(app: Express): void {
  app.get('/form', (_request, response) => void response.send(FORM))
  app.use(express.urlencoded(), (request, response) => {
    const seen = { method: request.method, url: request.originalUrl, body: request.body ?? null }
    response.send(
      `<!doctype html><title>Account</title><pre id="seen">${JSON.stringify(seen).replace(/</g, '&lt;')}</pre>`,
    )
  })
}

async function open(
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ readonly page: Page; readonly url: string }> {
  context = await browser.newContext(options)
  const page = await context.newPage()
  const url = await harness.app(await harness.ready(), routes)
  return { page, url: url.replace('127.0.0.1', 'localhost') }
}

async function seen(page: Page): Promise<{ method: string; url: string; body: unknown }> {
  const text = await page.locator('#seen').textContent({ timeout: 30_000 })
  return JSON.parse(text ?? 'null')
}

describe('the challenge page in a browser', () => {
  it('solves by itself, takes the visitor on, and is not shown again', async () => {
    challenge(2)
    const { page, url } = await open()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      // The 403 of the challenge itself is one.
      if (message.type() === 'error' && !message.text().includes('403')) problems.push(message.text())
    })
    await page.goto(`${url}/account?tab=1#part`)
    expect(await seen(page)).toEqual({ method: 'GET', url: '/account?tab=1', body: null })
    expect(page.url()).toBe(`${url}/account?tab=1#part`)
    const again = await page.goto(`${url}/account`)
    expect(again?.status()).toBe(200)
    expect(problems).toEqual([])
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ name: '__Host-esper-clr', httpOnly: true, secure: true, sameSite: 'Lax' })
    expect(harness.controlPlane.redeemed.size).toBe(1)
  })

  it('lets a challenged form through as it was filled in', async () => {
    challenge(1)
    const { page, url } = await open()
    await page.goto(`${url}/form`)
    await page.click('button')
    const body = { name: 'Zoë "X" </form>', tag: ['a', 'b'] }
    expect(await seen(page)).toEqual({ method: 'POST', url: '/account', body })
  })

  it('works without JavaScript: the visitor waits', async () => {
    challenge(1)
    const { page, url } = await open({ javaScriptEnabled: false })
    await page.goto(`${url}/account?tab=1`)
    expect(await page.locator('noscript a, a.button').count()).toBeGreaterThan(0)
    await page.waitForURL(`${url}/account?tab=1`, { timeout: 20_000 })
    expect(await seen(page)).toEqual({ method: 'GET', url: '/account?tab=1', body: null })
  })

  it('lets a form through without JavaScript too', async () => {
    challenge(1)
    const { page, url } = await open({ javaScriptEnabled: false })
    await page.goto(`${url}/form`)
    await page.click('button')
    await page.locator('noscript button').click()
    await expect.poll(() => page.title()).toBe('Please wait a little longer')
    await page.waitForTimeout(WAIT_SECONDS * 1000 + 500)
    await page.locator('button').click()
    expect(await seen(page)).toEqual({
      method: 'POST',
      url: '/account',
      body: { name: 'Zoë "X" </form>', tag: ['a', 'b'] },
    })
  })
})
