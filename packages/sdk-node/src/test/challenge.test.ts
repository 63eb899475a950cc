import { waitUntil } from '@esper/testkit'
import { type Challenge, solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import express from 'express'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Esper } from '../index.js'
import { mitigation, policy } from './bundle-fixture.js'
import { Harness, type Response, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
  challenge()
})
afterEach(() => harness.end())

/** Puts a challenge before `/login`. */
function challenge(more: Parameters<typeof mitigation>[1] = {}, policyMore: Parameters<typeof policy>[2] = {}): void {
  harness.controlPlane.bundle = {
    ...harness.controlPlane.bundle,
    revision: harness.controlPlane.bundle.revision + 1,
    mitigations: [mitigation('Challenge', more)],
    policies: [
      policy('prove', '/login', { mitigation_id: 'mit_challenge', entity_definition_id: 'ent_ip', ...policyMore }),
    ],
  }
}

const AGENT = { 'user-agent': 'Mozilla/5.0 test' }
const NAVIGATION = { ...AGENT, accept: 'text/html', 'sec-fetch-mode': 'navigate' }
const JSON_HEADERS = { ...AGENT, 'content-type': 'application/json' }

async function start(): Promise<{ readonly esper: Esper; readonly url: string }> {
  const esper = await harness.ready()
  const url = await harness.app(
    esper,
    (app) =>
      void app.use(
        express.urlencoded(),
        (request, response) => void response.json({ method: request.method, body: request.body ?? null }),
      ),
  )
  return { esper, url }
}

async function challengeOf(url: string, headers: Record<string, string> = AGENT): Promise<Challenge> {
  const answer = await send(`${url}/login`, { headers })
  expect(answer.status).toBe(403)
  const { parameters, signature } = JSON.parse(answer.body).challenge
  return { parameters, signature }
}

async function solution(challenge: Challenge) {
  const found = await solveChallenge({ challenge, deriveKey })
  if (found === null) throw new Error('The challenge has no solution.')
  return found
}

const handIn = (url: string, payload: unknown, headers: Record<string, string> = JSON_HEADERS): Promise<Response> =>
  send(`${url}/.esper/challenge`, { method: 'POST', headers, body: JSON.stringify(payload) })

async function solve(url: string): Promise<Response> {
  const given = await challengeOf(url)
  return handIn(url, { challenge: given, solution: await solution(given) })
}

const cookieOf = (answer: Response): string => String(answer.headers['set-cookie']?.[0]?.split(';')[0])

describe('a challenge', () => {
  it('is a problem for programs and a page for people, kept by no cache', async () => {
    const { url } = await start()
    const problem = await send(`${url}/login`, { headers: AGENT })
    expect(problem).toMatchObject({
      status: 403,
      headers: { 'esper-mitigation': 'challenge', 'cache-control': 'no-store' },
    })
    expect(problem.headers.vary).toContain('Sec-Fetch-Mode')
    expect(JSON.parse(problem.body)).toMatchObject({
      code: 'challenge-required',
      challenge: {
        provider: 'pow',
        verify: '/.esper/challenge',
        parameters: { algorithm: 'PBKDF2/SHA-256', cost: 1000 },
      },
    })
    const page = await send(`${url}/login?x=</script><script>alert(1)</script>`, { headers: NAVIGATION })
    expect(page.status).toBe(403)
    expect(page.body).toContain('role="status" aria-live="polite"')
    expect(page.body).toContain('<noscript>')
    expect(page.body).not.toContain('alert(1)</script>')
    expect(page.headers['content-security-policy']).toContain("script-src 'self'; worker-src 'self'")
  })

  it('once solved lets its entity through, with the cookie or with the header', async () => {
    const { url } = await start()
    const solved = await solve(url)
    expect(solved.status).toBe(200)
    const { clearance, expires_in: seconds } = JSON.parse(solved.body)
    expect(seconds).toBe(1800)
    expect(solved.headers['set-cookie']?.[0]).toMatch(
      /^__Host-esper-clr=.*; Path=\/; Max-Age=1800; HttpOnly; SameSite=Lax; Secure$/,
    )
    expect((await send(`${url}/login`, { headers: { ...AGENT, cookie: cookieOf(solved) } })).status).toBe(200)
    expect((await send(`${url}/login`, { headers: { ...AGENT, 'esper-clearance': clearance } })).status).toBe(200)
    expect((await send(`${url}/login`, { headers: { ...AGENT, 'esper-clearance': `${clearance}x` } })).status).toBe(403)
    await waitUntil(() => harness.controlPlane.events.length === 4)
    expect(harness.controlPlane.events[1]?.decision).toEqual({ revision: 2, enforced: false, cleared: ['pol_prove'] })
    expect(harness.controlPlane.redeemed.size).toBe(1)
    expect(harness.controlPlane.wire).not.toContain(clearance)
  })

  it('is spent by exactly one of 20 posts of one solution', async () => {
    const { url } = await start()
    const given = await challengeOf(url)
    const payload = { challenge: given, solution: await solution(given) }
    const answers = await Promise.all(Array.from({ length: 20 }, () => handIn(url, payload)))
    const count = (status: number) => answers.filter((answer) => answer.status === status).length
    expect([count(200), count(409)]).toEqual([1, 19])
  })

  it('is spent by one of two instances, and by its own word when the control plane does not answer', async () => {
    const [one, two] = [await start(), await start()]
    const given = await challengeOf(one.url)
    const payload = { challenge: given, solution: await solution(given) }
    const statuses = (await Promise.all([handIn(one.url, payload), handIn(two.url, payload)])).map(
      ({ status }) => status,
    )
    expect(statuses.sort()).toEqual([200, 409])
    harness.controlPlane.interfere = (request) => request.url?.startsWith('/v1/challenges') === true
    expect((await solve(one.url)).status).toBe(200)
    expect(one.esper.status().counts.redeemUnverified).toBe(1)
  })

  it('refuses what is no solution of it', async () => {
    const { url } = await start()
    const given = await challengeOf(url)
    const solved = await solution(given)
    const { parameters } = given
    const change = (more: object) => ({
      challenge: { ...given, parameters: { ...parameters, ...more } },
      solution: solved,
    })
    const wrong = { challenge: given, solution: { ...solved, derivedKey: parameters.keyPrefix } }
    const cases: readonly (readonly [unknown, number])[] = [
      ['garbage', 400],
      [{}, 400],
      [{ challenge: given }, 400],
      [{ challenge: { ...given, signature: 7 }, solution: solved }, 400],
      [change({ nonce: '../..' }), 400],
      [change({ expiresAt: 1 }), 410],
      [change({ cost: 1 }), 422],
      [change({ data: { ...parameters.data, sub: 'other' } }), 422],
      [change({ expiresAt: 9_999_999_999 }), 422],
      [wrong, 422],
      [{ challenge: given, solution: { ...solved, counter: -1 } }, 422],
    ]
    for (const [payload, status] of cases)
      expect([payload, (await handIn(url, payload)).status]).toEqual([payload, status])
    const other = await handIn(url, { challenge: given, solution: solved }, { ...JSON_HEADERS, 'user-agent': 'other' })
    expect(other.status).toBe(403)
    const long = { method: 'POST', headers: JSON_HEADERS, body: 'x'.repeat(9_000) }
    expect((await send(`${url}/.esper/challenge`, long)).status).toBe(413)
    expect((await handIn(url, { challenge: given, solution: solved })).status).toBe(200)
  })

  it('cannot be guessed at: 20 failures a minute are enough', async () => {
    const { url } = await start()
    for (let n = 0; n < 20; n += 1) expect((await handIn(url, {})).status).toBe(400)
    const answer = await handIn(url, {})
    expect(answer.status).toBe(429)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('counts a clearance for another mitigation, level or key as none', async () => {
    const { url, esper } = await start()
    const headers = { ...AGENT, cookie: cookieOf(await solve(url)) }
    const after = async (change: () => void) => {
      change()
      harness.controlPlane.send('bundle', { revision: harness.controlPlane.bundle.revision })
      await waitUntil(() => esper.status().bundle.revision === harness.controlPlane.bundle.revision, { everyMs: 5 })
      return (await send(`${url}/login`, { headers })).status
    }
    expect(await after(() => challenge({ name: 'renamed' }))).toBe(200)
    expect(
      await after(() => challenge({ challenge: { provider: 'pow', level: 2, min_level: 2, one_time: false } })),
    ).toBe(403)
    expect(await after(() => challenge({ mitigation_id: 'mit_other' }, { mitigation_id: 'mit_other' }))).toBe(403)
  })

  it('for one time is good for one request', async () => {
    challenge({ challenge: { provider: 'pow', level: 1, min_level: 1, one_time: true } })
    const { url } = await start()
    const headers = { ...AGENT, cookie: cookieOf(await solve(url)) }
    expect((await send(`${url}/login`, { headers })).status).toBe(200)
    expect((await send(`${url}/login`, { headers })).status).toBe(403)
  })

  it('is not put before preflights and static files', async () => {
    harness.controlPlane.bundle = {
      ...harness.controlPlane.bundle,
      policies: [
        policy('all', '/app.css', { mitigation_id: 'mit_challenge' }),
        policy('b', '/login', { mitigation_id: 'mit_challenge' }),
      ],
    }
    const { url } = await start()
    expect((await send(`${url}/app.css?v=1`)).status).toBe(200)
    expect((await send(`${url}/login`, { method: 'OPTIONS' })).status).toBe(200)
    expect((await send(`${url}/app.css`, { method: 'POST' })).status).toBe(403)
    await waitUntil(() => harness.controlPlane.events.length === 3)
    expect(harness.controlPlane.events[0]?.decision).toMatchObject({ outcome: 'challenge', enforced: false })
  })

  it('tells a client that solves again and again without getting through', async () => {
    const { url } = await start()
    for (let n = 0; n < 3; n += 1) expect((await solve(url)).status).toBe(200)
    const page = await send(`${url}/login`, { headers: NAVIGATION })
    expect(page.body).toContain('allow cookies')
    expect(page.body).not.toContain('challenge.js')
  })
})

describe('a challenged form', () => {
  const FORM = { ...NAVIGATION, 'content-type': 'application/x-www-form-urlencoded' }
  const body = 'name=Zo%C3%AB+%22X%22&tag=a&tag=b&note=%3C%2Fform%3E'

  it('comes along in the page, whether or not a parser ran first', async () => {
    const { url } = await start()
    const page = await send(`${url}/login?next=1`, { method: 'POST', headers: FORM, body })
    expect(page.body).toContain('<form id="esper-form" method="post" action="/login?next=1">')
    expect(page.body).toContain('<input type="hidden" name="name" value="Zoë &quot;X&quot;">')
    expect(page.body).toContain(
      '<input type="hidden" name="tag" value="a">\n<input type="hidden" name="tag" value="b">',
    )
    expect(page.body).toContain('value="&lt;/form&gt;"')
    const parsed = await harness.app(
      await harness.ready(),
      () => {},
      (app) => void app.use(express.urlencoded()),
    )
    const again = await send(`${parsed}/login?next=1`, { method: 'POST', headers: FORM, body })
    const inputs = (text: string) => text.match(/<input[^>]+>/g)
    expect(inputs(again.body)).toEqual(inputs(page.body))
  })

  it('that cannot come along is said to be lost', async () => {
    const { url } = await start()
    const multipart = { ...NAVIGATION, 'content-type': 'multipart/form-data; boundary=x' }
    const page = await send(`${url}/login`, { method: 'POST', headers: multipart, body: '--x--' })
    expect(page.body).toContain('"lost":true')
    expect(page.body).toContain('send what you filled in once more')
  })
})

describe('waiting in place of JavaScript', () => {
  const waitLink = (page: Response) => String(/\/\.esper\/wait\?token=[\w.-]+/.exec(page.body)?.[0])

  it('is offered where the mitigation accepts it', async () => {
    const { url, esper } = await start()
    const page = await send(`${url}/login`, { headers: NAVIGATION })
    expect(page.body).toMatch(/<meta http-equiv="refresh" content="6;url=\/\.esper\/wait/)
    challenge({ challenge: { provider: 'pow', level: 2, min_level: 2, one_time: false } })
    harness.controlPlane.send('bundle', { revision: harness.controlPlane.bundle.revision })
    await waitUntil(() => esper.status().bundle.revision === harness.controlPlane.bundle.revision, { everyMs: 5 })
    expect((await send(`${url}/login`, { headers: NAVIGATION })).body).not.toContain('/.esper/wait')
  })

  it('has to be done, by the client that was asked to, and counts once', async () => {
    const { url } = await start()
    const link = waitLink(await send(`${url}/login?a=1`, { headers: NAVIGATION }))
    expect((await send(url + link, { headers: NAVIGATION })).status).toBe(403)
    expect((await send(`${url}${link}x`, { headers: NAVIGATION })).status).toBe(403)
    const passed = await waitUntil(
      async () => {
        const answer = await send(url + link, { method: 'POST', headers: NAVIGATION })
        return answer.status === 403 ? undefined : answer
      },
      { timeoutMs: 20_000, everyMs: 200 },
    )
    expect([passed.status, passed.headers.location]).toEqual([307, '/login?a=1'])
    expect((await send(url + link, { headers: NAVIGATION })).status).toBe(409)
    expect((await send(`${url}/login`, { headers: { ...AGENT, cookie: cookieOf(passed) } })).status).toBe(200)
  })
})
