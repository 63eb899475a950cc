import { createHash } from 'node:crypto'
import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemOf } from '../testing/operator.js'
import { startServer, type TestServer } from '../testing/start-server.js'

const database = useDatabase()
const clock = { ms: Date.now() }
let server: TestServer

beforeAll(async () => {
  server = await startServer({ database, now: () => clock.ms })
})
afterAll(() => server.stop())

const HOUR_MS = 3_600_000

async function link(body: object = {}): Promise<string> {
  const answer = await server.internal('/login-links', { name: 'Lea', ...body })
  const json: unknown = await answer.json()
  if (typeof json !== 'object' || json === null || !('login_url' in json)) throw new Error(JSON.stringify(json))
  return String(json.login_url)
}

const follow = (url: string, headers: Record<string, string> = {}) => fetch(url, { redirect: 'manual', headers })

async function signedIn(): Promise<string> {
  const response = await follow(await link())
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
  return cookie
}

const api = (path: string, init: RequestInit = {}) => fetch(`${server.url}/api/v1${path}`, init)

describe('a one-time link', () => {
  it('signs in once, with a cookie that no script and no other site gets', async () => {
    const url = await link({ return_to: '/policies?tab=actions' })
    const first = await follow(url)
    expect(first.status).toBe(303)
    expect(first.headers.get('location')).toBe('/policies?tab=actions')
    expect(first.headers.get('cache-control')).toBe('no-store')
    expect(first.headers.get('set-cookie')).toMatch(
      /^__Host-esper-session=[A-Za-z0-9_-]{43}; HttpOnly; Secure; SameSite=Lax; Path=\/$/,
    )
    const second = await follow(url)
    expect(second.status).toBe(401)
    expect(second.headers.get('set-cookie')).toBeNull()
    expect(await second.json()).toMatchObject({ code: 'login_link_invalid' })
  })

  it('of many who follow it at once, signs in one', async () => {
    const url = await link()
    const answers = await Promise.all(Array.from({ length: 10 }, () => follow(url)))
    expect(answers.map(({ status }) => status).filter((status) => status === 303)).toHaveLength(1)
  })

  it('is good for 15 minutes', async () => {
    const url = await link()
    clock.ms += 15 * 60_000
    expect((await follow(url)).status).toBe(401)
  })

  it('tells a browser in words what to do', async () => {
    const page = await follow(`${server.url}/auth/link?code=gone`, { accept: 'text/html' })
    expect(page.status).toBe(401)
    expect(page.headers.get('content-type')).toContain('text/html')
    const html = await page.text()
    expect(html).toContain('npm start')
    const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(page.headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`)
    expect(page.headers.get('cache-control')).toBe('no-store')
  })

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/a\nb', ''])(
    'does not lead to %j',
    async (return_to) => {
      const answer = await server.internal('/login-links', { name: 'Lea', return_to })
      expect(answer.status).toBe(422)
    },
  )

  it('makes the same person of the same name at each start', async () => {
    const me = async () => (await (await api('/me', { headers: { cookie: await signedIn() } })).json()) as unknown
    expect(await me()).toEqual(await me())
  })
})

describe('a session', () => {
  it('ends after an hour without use, and after twelve hours whatever happens', async () => {
    const idle = await signedIn()
    const busy = await signedIn()
    const status = async (cookie: string) => (await api('/me', { headers: { cookie } })).status
    for (let half = 1; half < 24; half += 1) {
      clock.ms += HOUR_MS / 2
      expect(await status(busy)).toBe(200)
      if (half === 2) expect(await status(idle)).toBe(401)
    }
    clock.ms += HOUR_MS / 2
    expect(await status(busy)).toBe(401)
  })

  it('ends at once on signing out', async () => {
    const cookie = await signedIn()
    const out = await api('/auth/sign-out', { method: 'POST', headers: { cookie, 'sec-fetch-site': 'same-origin' } })
    expect(out.status).toBe(204)
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await api('/me', { headers: { cookie } })).status).toBe(401)
  })

  it('cannot be made up', async () => {
    const made = `__Host-esper-session=${'A'.repeat(43)}`
    const real = await signedIn()
    for (const cookie of [made, '__Host-esper-session=x', `${made}; ${real}`, 'esper-session=x']) {
      expect((await api('/me', { headers: { cookie } })).status).toBe(401)
    }
  })
})

describe('a change by cookie', () => {
  const create = (headers: Record<string, string>, body = JSON.stringify({ name: 'By cookie' })) =>
    api('/tenants', { method: 'POST', headers, body })
  const json = { 'content-type': 'application/json' }

  it('comes from the console', async () => {
    const cookie = await signedIn()
    expect((await create({ ...json, cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(201)
    expect((await create({ ...json, cookie, 'sec-fetch-site': 'none' })).status).toBe(201)
    expect((await create({ ...json, cookie, origin: server.url })).status).toBe(201)
  })

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour of the site', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['an origin that is hidden', { origin: 'null' }],
    ['nowhere', {}],
    ['another site that names our origin', { 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1' }],
  ])('from %s is refused', async (_where, headers) => {
    const answer = await create({ ...json, ...headers, cookie: await signedIn() })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'cross_site_request' })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp'])(
    'with a body of %s is refused',
    async (type) => {
      const answer = await create({ 'content-type': type, cookie: await signedIn(), 'sec-fetch-site': 'same-origin' })
      expect(answer.status).toBe(415)
    },
  )

  it('signing out asks the same', async () => {
    const cookie = await signedIn()
    expect((await api('/auth/sign-out', { method: 'POST', headers: { cookie } })).status).toBe(403)
    expect((await api('/me', { headers: { cookie } })).status).toBe(200)
  })
})

describe('an operator token', () => {
  it('speaks for its owner wherever it comes from, without the cookie beside it', async () => {
    const { token } = await server.operator('Toni')
    const headers = { authorization: `Bearer ${token}`, 'sec-fetch-site': 'cross-site', cookie: await signedIn() }
    const me = await api('/me', { headers })
    expect(await me.json()).toMatchObject({ user: { name: 'Toni' }, memberships: [] })
  })

  it.each([
    ['one that was made up', `Bearer eop_${'A'.repeat(43)}`],
    ['none at all', 'Bearer '],
    ['a token without signature', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c3JfMSJ9.'],
    ['a clearance', 'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6ImVzcGVyLWNscitqd3QifQ.eyJzdWIiOiJ4In0.c2ln'],
    ['the service token', 'Bearer a-service-token-of-the-tests-0123456789'],
    ['basic authentication', 'Basic b2xnYTpwdw=='],
  ])('%s is refused, even beside a good cookie', async (_what, authorization) => {
    const answer = await api('/me', { headers: { authorization, cookie: await signedIn() } })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('ends when its time is over', async () => {
    const operator = await server.operator('Toni')
    clock.ms += HOUR_MS
    expect(problemOf(await operator.get('/me')).status).toBe(401)
  })
})

describe('the internal listener', () => {
  it('wants the service token', async () => {
    for (const authorization of ['', 'Bearer x', `Bearer ${'a'.repeat(39)}`]) {
      const answer = await fetch(`${server.internalUrl}/internal/v1/login-links`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: '{"name":"Eve"}',
      })
      expect(answer.status).toBe(401)
    }
    expect((await fetch(`${server.url}/internal/v1/login-links`, { method: 'POST' })).status).toBe(404)
  })

  it('signs nobody in unless it was asked to', async () => {
    const closed = await startServer({ database, env: { ESPER_DEV_LOGIN: 'false' } })
    try {
      expect((await closed.internal('/login-links', { name: 'Eve' })).status).toBe(404)
      expect((await closed.internal('/operator-tokens', { name: 'Eve', ttl_seconds: 60 })).status).toBe(404)
    } finally {
      await closed.stop()
    }
  })

  it('is not started with login links under an https origin', async () => {
    const env = { ESPER_PUBLIC_ORIGINS: 'https://localhost' }
    await expect(startServer({ database, env })).rejects.toThrow('https')
  })
})

describe('what the browser is told', () => {
  it('runs nothing but our own files, and keeps no answer of the API', async () => {
    const answer = await api('/me')
    expect(answer.headers.get('content-security-policy')).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(answer.headers.get('strict-transport-security')).toBeNull()
  })
})
