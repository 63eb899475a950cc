import { expect } from 'vitest'
import { mitigation, policy } from '../../test/bundle-fixture.js'
import type { AdapterCase } from './adapter-case.js'

const UNCACHED = { 'cache-control': 'no-store', vary: expect.stringContaining('Accept, Cookie, User-Agent') }
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })

/** What is decided, answered and recorded on entry and again. */
export const DECISION_CASES: readonly AdapterCase[] = [
  {
    name: 'lets pass, shows handlers the decision, and records the event',
    async run(site) {
      await site.rules([policy('watch', '/watched', { mitigation_id: 'mit_monitor' })])
      const answer = await site.ask('/watched?q=1')
      const { decision } = site.said(answer)
      expect(decision).toMatchObject({ outcome: 'pass', enforced: false, observed: ['pol_watch'], failedOpen: false })
      expect(answer.headers).not.toHaveProperty('esper-mitigation')
      const { fields, decision: recorded } = await site.eventOf(answer)
      expect(fields).toMatchObject({
        request_method: 'GET',
        request_path: '/watched',
        user_agent: 'suite/1',
        client_ip: '203.0.113.1',
      })
      expect(recorded).toMatchObject({ revision: decision.revision, enforced: false })
    },
  },
  {
    name: 'blocks with 403, the wait of the mitigation and its text, for programs and for people',
    async run(site) {
      const response = { status: 403, retry_after: 90, body: 'Not <b>here</b>.' } as const
      await site.rules([policy('deny', '/denied', { mitigation_id: 'mit_block' })], {
        mitigations: [mitigation('Block', { response })],
      })
      const problem = await site.ask('/denied')
      expect(problem).toMatchObject({
        status: 403,
        headers: {
          ...UNCACHED,
          'esper-mitigation': 'block',
          'retry-after': '90',
          'content-type': 'application/problem+json',
        },
      })
      expect(JSON.parse(problem.body)).toMatchObject({ status: 403, code: 'blocked', detail: response.body })
      expect(problem.headers).not.toHaveProperty('ratelimit')
      const page = await site.ask('/denied', { headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' } })
      expect(page).toMatchObject({ status: 403, headers: { ...UNCACHED, 'content-type': 'text/html; charset=utf-8' } })
      expect(page.body).toContain('Not &lt;b&gt;here&lt;/b&gt;.')
      const head = await site.ask('/denied', { method: 'HEAD' })
      expect([head.status, head.body]).toEqual([403, ''])
      const event = await site.eventOf(problem)
      expect(event.decision).toMatchObject({
        policy_id: 'pol_deny',
        outcome: 'block',
        enforced: true,
        origin: 'policy',
      })
      expect(event.fields).not.toHaveProperty('response_status')
    },
  },
  {
    name: 'blocks with 429 what comes too often, with an exact wait and the limit, and nobody else',
    async run(site) {
      const window = { seconds: 60, threshold: 3 }
      const limit = { mitigation_id: 'mit_block', entity_definition_id: 'ent_ip', window }
      await site.rules([policy('limit', '/limited', limit)], {
        mitigations: [mitigation('Block', { duration_seconds: 120 })],
      })
      const ask = () => site.ask('/limited', from('203.0.113.20'))
      const limits = (left: number) => ({ ratelimit: `"esper";r=${left};t=60`, 'ratelimit-policy': '"esper";q=2;w=60' })
      expect(await ask()).toMatchObject({ status: 200, headers: limits(1) })
      expect(await ask()).toMatchObject({ status: 200, headers: limits(0) })
      const refused = await ask()
      expect(refused).toMatchObject({
        status: 429,
        headers: {
          ...UNCACHED,
          'retry-after': '120',
          ratelimit: '"esper";r=0;t=120',
          'ratelimit-policy': '"esper";q=2;w=60',
        },
      })
      expect(JSON.parse(refused.body)).toMatchObject({ status: 429, code: 'too-many-requests' })
      expect((await site.ask('/limited', from('203.0.113.21'))).status).toBe(200)
      expect((await site.eventOf(refused)).decision).toMatchObject({ outcome: 'block', enforced: true, n: 3 })
    },
  },
  {
    name: 'decides again when the application says who it is: only the abuser meets it, each event counts once',
    needs: 'decidesAgain',
    async run(site) {
      const entity_definitions = [
        { entity_definition_id: 'ent_user', name: 'user', priority: 1, key_fields: ['user_id'] },
      ]
      const window = { seconds: 60, threshold: 4 }
      const limit = { mitigation_id: 'mit_block', entity_definition_id: 'ent_user', window }
      await site.rules([policy('abuse', '/known', limit)], { entity_definitions })
      const before = (await site.eventsOf('/known', 0)).length
      const statuses = { good: new Set<number>(), bad: [] as number[] }
      for (let round = 0; round < 2; round += 1) {
        for (let user = 0; user < 10; user += 1) statuses.good.add((await site.ask(`/known?user=u${user}`)).status)
        for (let n = 0; n < 3; n += 1) statuses.bad.push((await site.ask('/known?user=mallory')).status)
      }
      expect([...statuses.good]).toEqual([200])
      expect(statuses.bad).toEqual([200, 200, 200, 429, 429, 429])
      const events = (await site.eventsOf('/known', before + 26)).slice(before)
      expect(new Set(events.map((event) => event.event_id)).size).toBe(26)
      const blocked = events.filter(({ decision }) => decision?.outcome === 'block')
      expect(blocked.map(({ fields, decision }) => [fields.user_id, decision?.n, decision?.enforced])).toEqual(
        [4, 5, 6].map((n) => ['mallory', n, true]),
      )
      for (const { fields } of blocked) expect(fields).not.toHaveProperty('response_status')
    },
  },
  {
    name: 'answers in place of a handler that goes on after the second decision',
    needs: 'decidesAgain',
    async run(site) {
      const demand = {
        headers: [],
        cookies: [],
        query: [],
        route: [],
        body: [],
        labels: ['plan'],
        cookie: false,
        response: false,
      }
      const program = { version: 1, root: ['eq', ['path', 'labels', 'plan'], ['lit', 'free']] } as const
      const rules = [
        policy('block', '/stubborn', { program, mitigation_id: 'mit_block' }),
        policy('prove', '/stubborn', {
          program: { version: 1, root: ['eq', ['path', 'labels', 'plan'], ['lit', 'trial']] },
          mitigation_id: 'mit_challenge',
        }),
      ]
      await site.rules(rules, { demand })
      const paid = site.said(await site.ask('/stubborn?plan=paid'))
      expect(paid.decision).toMatchObject({ outcome: 'pass', reference: paid.entry.reference })
      const free = await site.ask('/stubborn?plan=free')
      expect(free).toMatchObject({ status: 429, headers: { 'esper-mitigation': 'block', 'cache-control': 'no-store' } })
      expect(JSON.parse(free.body)).toMatchObject({ code: 'too-many-requests' })
      const trial = await site.ask('/stubborn?plan=trial')
      expect(trial).toMatchObject({ status: 403, headers: { 'esper-mitigation': 'challenge' } })
      expect(JSON.parse(trial.body)).toMatchObject({ code: 'challenge-required' })
      const event = await site.eventOf(free)
      expect(event).toMatchObject({ fields: { labels: { plan: 'free' } }, decision: { enforced: true } })
    },
  },
]
