import { waitUntil } from '@esper/testkit'
import express from 'express'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { equals, policy } from './bundle-fixture.js'
import { SECRET } from './control-plane.js'
import { Harness, keepingLogger, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(() => harness.end())

const SECRETS = {
  bearer: 'bearer-3f9a1c',
  apiKey: 'apikey-77b2e0',
  session: 'session-c0ffee',
  clear: 'theme-dark',
  accessToken: 'access-d00d1e',
  password: 'password-b4da55',
  nested: 'nested-5ec2e7',
  card: '4111111111111111',
  referer: 'referer-0dd5',
  proxy: 'proxy-44aa',
  csrf: 'csrf-9c9c9c',
}

it('sends nothing of a request full of secrets but keyed hashes, the same for the same value', async () => {
  harness.controlPlane.bundle = {
    ...harness.controlPlane.bundle,
    clear_cookies: ['theme'],
    demand: {
      headers: ['*'],
      cookies: ['*'],
      query: ['*'],
      route: ['*'],
      body: ['user', 'password', 'auth.token'],
      labels: [],
      cookie: true,
      response: true,
    },
    policies: [policy('x', '/login', { program: equals('cookies.session', 'never') })],
  }
  const { logger, lines } = keepingLogger()
  const esper = await harness.ready({ logger })
  const routes = (app: express.Express) => void app.use((_request, response) => void response.send('ok'))
  const url = await harness.app(esper, routes, (app) => void app.use(express.json()))
  const attempt = () =>
    send(`${url}/login?access_token=${SECRETS.accessToken}&q=shoes`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${SECRETS.bearer}`,
        'proxy-authorization': SECRETS.proxy,
        'x-api-key': SECRETS.apiKey,
        'x-csrf-token': SECRETS.csrf,
        cookie: `session=${SECRETS.session}; theme=${SECRETS.clear}; __Host-esper-clr=esper-own`,
        referer: `https://shop.example/reset?token=${SECRETS.referer}`,
      },
      body: JSON.stringify({
        user: 'ada',
        password: SECRETS.password,
        auth: { token: SECRETS.nested },
        card: SECRETS.card,
      }),
    })
  await attempt()
  await attempt()
  await waitUntil(() => harness.controlPlane.events.length === 2)
  const { clear, ...hidden } = SECRETS
  const seen = harness.controlPlane.wire + lines.join() + JSON.stringify(esper.status())
  for (const [name, secret] of Object.entries(hidden)) expect([name, seen.includes(secret)]).toEqual([name, false])
  expect(seen).not.toContain('esper-own')
  expect(seen).not.toContain(SECRET)
  expect(harness.controlPlane.wire).toContain(clear)
  expect(harness.controlPlane.wire).toContain('shoes')
  const [first, second] = harness.controlPlane.events
  expect(first?.fields.cookies).toMatchObject({ session: expect.stringMatching(/^hash:[\w-]{43}$/), theme: clear })
  expect(first?.fields.cookies).toEqual(second?.fields.cookies)
  expect(first?.fields.body).toMatchObject({ user: 'ada', password: expect.stringMatching(/^hash:/) })
  expect(first?.fields.referer).toBe('https://shop.example/reset')
})
