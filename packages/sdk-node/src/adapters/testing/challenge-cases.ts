import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { expect } from 'vitest'
import { policy } from '../../test/bundle-fixture.js'
import type { Response } from '../../test/harness.js'
import type { AdapterCase } from './adapter-case.js'
import type { Site } from './site.js'

const NAVIGATION = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const RULES = [policy('prove', '/proved', { mitigation_id: 'mit_challenge', entity_definition_id: 'ent_ip' })]

function challengeOn(page: Response) {
  const [, json = '{}'] = /<script type="application\/json" id="esper-challenge">(.*?)<\/script>/.exec(page.body) ?? []
  return JSON.parse(json).challenge
}

/** The form on the page as a browser sends it. */
function formOn({ body }: Response): string {
  const decode = (text: string) =>
    text.replace(
      /&(amp|lt|gt|quot|#39);/g,
      (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name] ?? "'",
    )
  const inputs = [...body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
  return String(
    new URLSearchParams(inputs.map(([, name = '', value = '']): [string, string] => [decode(name), decode(value)])),
  )
}

async function clearanceFor(site: Site, challenge: Parameters<typeof solveChallenge>[0]['challenge']): Promise<string> {
  const solution = await solveChallenge({ challenge, deriveKey })
  const solved = await site.ask('/.esper/challenge', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ challenge, solution }),
  })
  expect(solved.status).toBe(200)
  return String(solved.headers['set-cookie']?.[0]?.split(';')[0])
}

/** What a challenged visitor sees, and how it goes on. */
export const CHALLENGE_CASES: readonly AdapterCase[] = [
  {
    name: 'challenges people with a page and programs with a problem, kept by no cache',
    async run(site) {
      await site.rules(RULES)
      const problem = await site.ask('/proved')
      expect(problem).toMatchObject({
        status: 403,
        headers: {
          'esper-mitigation': 'challenge',
          'cache-control': 'no-store',
          'content-type': 'application/problem+json',
          'access-control-expose-headers': expect.stringContaining('Esper-Mitigation'),
        },
      })
      expect(JSON.parse(problem.body)).toMatchObject({ code: 'challenge-required', challenge: { provider: 'pow' } })
      const page = await site.ask('/proved', { headers: NAVIGATION })
      expect(page).toMatchObject({
        status: 403,
        headers: {
          'esper-mitigation': 'challenge',
          'cache-control': 'no-store',
          'content-type': 'text/html; charset=utf-8',
        },
      })
      expect(page.headers.vary).toContain('Sec-Fetch-Mode')
      expect(page.headers['content-security-policy']).toContain("script-src 'self'; worker-src 'self'")
      expect((await site.ask('/proved', { method: 'OPTIONS' })).headers).not.toHaveProperty('esper-mitigation')
    },
  },
  {
    name: 'answers its own addresses, and leaves every other one to the application',
    async run(site) {
      await site.rules(RULES)
      for (const path of ['/.esper/challenge.js', '/.esper/worker.js']) {
        const script = await site.ask(path)
        expect(script).toMatchObject({ status: 200, headers: { 'content-type': 'text/javascript; charset=utf-8' } })
      }
      const wrong = await site.ask('/.esper/challenge', { method: 'POST', body: '{}' })
      expect([wrong.status, JSON.parse(wrong.body).code]).toEqual([400, 'malformed'])
      expect(site.said(await site.ask('/.esper/other')).decision.outcome).toBe('pass')
    },
  },
  {
    name: 'lets a challenged form come through as it was once the challenge is solved',
    async run(site) {
      await site.rules(RULES)
      const form = 'name=Zo%C3%AB+%3C%22%26%27%3E&tag=a&tag=b&empty='
      const page = await site.ask('/proved', { method: 'POST', headers: { ...NAVIGATION, ...FORM }, body: form })
      expect(page.status).toBe(403)
      expect(formOn(page)).toBe(form)
      const cookie = await clearanceFor(site, challengeOn(page))
      const headers = { ...NAVIGATION, ...FORM, cookie }
      const passed = site.said(await site.ask('/proved', { method: 'POST', headers, body: formOn(page) }))
      expect(passed).toMatchObject({
        method: 'POST',
        body: form,
        decision: { outcome: 'pass', cleared: ['pol_prove'] },
      })
    },
  },
]
