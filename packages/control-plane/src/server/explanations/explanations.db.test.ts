import { type EventLine, NO_DEMAND } from '@esper/core'
import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DraftExplanationRecord, EventExplanationRecord, EventPage } from '../../contract/operator.js'
import { sendBatch } from '../../pipeline-testing/pipeline.js'
import { eventPage } from '../events/schema.js'
import { firstOf, type Operator, problemOf } from '../testing/operator.js'
import { type ServerWithEngine, startWithEngine } from '../testing/start-with-engine.js'
import { createTestTenant, type TestTenant } from '../testing/tenant.js'
import { draftExplanation, draftMatches, eventExplanation } from './schema.js'

const database = useDatabase()
const SECRET = 'Bearer eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl'
let running: ServerWithEngine
let owner: Operator
let tenant: TestTenant
let ids: Record<'login' | 'watch' | 'body' | 'token' | 'slow' | 'agent' | 'crawler', string>
let start: number

beforeAll(async () => {
  running = await startWithEngine({ database })
  owner = await running.server.operator('Olga')
  tenant = await createTestTenant(owner, 'Explained')
  const early = await latestRevision()
  const action = await tenant.action()
  const entity = await tenant.entity({ key_fields: ['client_ip', 'cookies.session'] })
  const crawler = await tenant.entity({ match_expression: '$contains(user_agent, "bot")' })
  const block = await tenant.mitigation()
  const made = {
    login: await tenant.policy({
      ...{ expression: 'request_method = "POST"', action_ids: [action.action_id], mitigation_id: block.mitigation_id },
      ...{ entity_definition_id: entity.entity_definition_id, window: { seconds: 60, threshold: 3 } },
    }),
    watch: await tenant.policy({ expression: 'request_path = "/login" or user_agent = "curl"', priority: 200 }),
    body: await tenant.policy({ expression: 'body.user.email = "a@b.example"' }),
    token: await tenant.policy({ expression: '$exists(headers.authorization)' }),
    slow: await tenant.policy({ expression: 'response_ms > "slow"' }),
    agent: await tenant.policy({ expression: 'true', window: { seconds: 60, threshold: 2, distinct: 'user_id' } }),
    crawler: await tenant.policy({ expression: 'true', entity_definition_id: crawler.entity_definition_id }),
  }
  ids = {
    ...{ login: made.login.policy_id, watch: made.watch.policy_id, body: made.body.policy_id },
    ...{ token: made.token.policy_id, slow: made.slow.policy_id, agent: made.agent.policy_id },
    crawler: made.crawler.policy_id,
  }
  start = Date.now() - 30_000
  const revision = await latestRevision()
  await send(revision, [
    event('e1', 0),
    event('e2', 1),
    event('e3', 2),
    event('e4', 3, { request_path: '/other', user_agent: 'a bot' }),
    event('e5', 4, { headers: { authorization: SECRET }, body: { user: { email: 'a@b.example' } }, response_ms: 5 }),
  ])
  await send(early, [event('early', 5, { body: { user: { email: 'a@b.example' } } })])
  await waitUntil(async () => (await list('')).items.every((one) => one.state === 'decided'), { timeoutMs: 20_000 })
})
afterAll(() => running.stop())

async function latestRevision(): Promise<number> {
  const { body } = await owner.get(`${tenant.at}/revisions?limit=1`)
  return firstOf(body.items).revision
}

function event(id: string, second: number, fields: object = {}): EventLine {
  return {
    event_id: id,
    observed_at: start + second * 1_000,
    fields: {
      ...{ request_method: 'POST', request_path: '/login', client_ip: '192.0.2.1', user_agent: 'curl' },
      ...{ cookies: { session: 'a-session-in-clear' }, ...fields },
    },
  }
}

async function send(revision: number, events: readonly EventLine[]): Promise<void> {
  await sendBatch(running.ingestion, { tenantId: tenant.tenantId, revision, events })
}

async function list(query: string): Promise<EventPage> {
  const { status, body } = await owner.call('GET', `${tenant.at}/events${query}`)
  expect(status, JSON.stringify(body)).toBe(200)
  return eventPage.parse(body)
}

async function explain(id: string, query = ''): Promise<EventExplanationRecord> {
  const { status, body } = await owner.call('GET', `${tenant.at}/events/${id}/explain${query}`)
  expect(status, JSON.stringify(body)).toBe(200)
  return eventExplanation.parse(body)
}

async function one(id: string, policy: keyof typeof ids) {
  return firstOf((await explain(id, `?policy_id=${ids[policy]}`)).policies)
}

async function tryOut(id: string, draft: object): Promise<DraftExplanationRecord> {
  const answer = await owner.post(`${tenant.at}/events/${id}/explain`, draft)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return draftExplanation.parse(answer.body)
}

describe('events', () => {
  it('are listed with what the engine decided, newest first, and filtered by it', async () => {
    const all = await list('')
    expect(all.items.map((item) => item.event_id)).toEqual(['early', 'e5', 'e4', 'e3', 'e2', 'e1'])
    const blocked = await list('?outcome=block')
    expect(blocked.items.map((item) => item.event_id)).toEqual(['e5', 'e3'])
    const said = firstOf(blocked.items.slice(-1)).decisions.map((one) => [one.policy_id, [one.outcome, one.n]])
    expect(Object.fromEntries(said)).toEqual({ [ids.login]: ['block', 3], [ids.watch]: ['observe', null] })
    expect((await list(`?policy_id=${ids.token}`)).items.map((item) => item.event_id)).toEqual(['e5'])
    expect((await list('?outcome=none')).items).toEqual([])
    expect((await list('?text=A%20BOT')).items.map((item) => item.event_id)).toEqual(['e4'])
    expect((await list('?source_id=elsewhere')).items).toEqual([])
  })

  it('come page by page, also where few of them are wanted', async () => {
    const seen: string[] = []
    let cursor: string | null = ''
    for (let page = 0; cursor !== null && page < 20; page += 1) {
      const found: EventPage = await list(`?outcome=block&limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seen.push(...found.items.map((item) => item.event_id))
      cursor = found.next_cursor
    }
    expect(seen).toEqual(['e5', 'e3'])
  })

  it('say what is wrong with a filter', async () => {
    const wrong = await owner.call('GET', `${tenant.at}/events?outcome=explode&text=&limit=0`)
    expect(problemOf(wrong)).toMatchObject({ status: 422, code: 'validation_failed' })
    expect(Object.keys(problemOf(wrong).errors).sort()).toEqual(['limit', 'outcome', 'text'])
  })
})

describe('the explanation of an event', () => {
  it('gives what was stored, for every policy of every event', async () => {
    for (const { event_id: id, decisions } of (await list('')).items) {
      const { policies, decided, next_cursor: next } = await explain(id)
      expect({ decided, next, count: policies.length }).toEqual({ decided: true, next: null, count: 7 })
      for (const policy of policies) {
        const stored = decisions.find((decision) => decision.policy_id === policy.policy_id)
        expect(policy, `${id} ${policy.name}`).toMatchObject({ agrees: true, decision: stored ?? null })
        expect(['holds', 'active_mitigation'].includes(policy.reason)).toBe(stored !== undefined)
      }
      const decidedFirst = policies.map((policy) => policy.decision !== null)
      expect(decidedFirst).toEqual([...decidedFirst].sort((a, b) => Number(b) - Number(a)))
    }
  })

  it('names the clause that decided, with what it read, n of N and the entity', async () => {
    expect(await one('e3', 'login')).toMatchObject({
      ...{ reason: 'holds', matched: true, mode: 'Block', window: { seconds: 60, threshold: 3, n: 3 } },
      actions: [{ matched: true, clause: { source: 'request_path = "/login"', holds: true } }],
      clause: { source: 'request_method = "POST"', decided: true, reads: [{ field: 'request_method', value: 'POST' }] },
      entity: {
        key_values: [
          { field: 'client_ip', value: '192.0.2.1', redacted: false },
          { field: 'cookies.session', value: null, redacted: true },
        ],
      },
    })
    expect(await one('e2', 'login')).toMatchObject({ reason: 'count_unknown', window: { threshold: 3, n: null } })
    expect(await one('e4', 'login')).toMatchObject({
      reason: 'action',
      actions: [{ matched: false, clause: { holds: false, reads: [{ value: '/other' }] } }],
    })
    const { clause } = await one('e4', 'watch')
    expect(clause).toMatchObject({ kind: 'or', holds: false })
    expect(clause?.clauses.map(({ source, decided }) => [source, decided])).toEqual([
      ['request_path = "/login"', true],
      ['user_agent = "curl"', true],
    ])
    expect(await one('e1', 'crawler')).toMatchObject({ reason: 'entity_match', entity: { clause: { holds: false } } })
    expect(await one('e1', 'agent')).toMatchObject({ reason: 'distinct_missing' })
    const slow = await one('e5', 'slow')
    expect(slow).toMatchObject({ reason: 'expression_error', clause: { answer: { ok: false, code: 'T2009' } } })
    expect(slow.clause?.answer).toHaveProperty('message')
  })

  it('marks what was redacted and never shows it, nor its hash', async () => {
    const { policies, ...head } = await explain('e5')
    const explained = policies.map(({ decision: _stored, ...why }) => why)
    const draft = await tryOut('e5', { expression: 'headers.authorization = cookies.session' })
    const whole = JSON.stringify([head, explained, draft])
    expect(whole).not.toContain(SECRET.slice(7))
    expect(whole).not.toContain('a-session-in-clear')
    expect(whole).not.toContain('hash:')
    expect(await one('e5', 'token')).toMatchObject({
      reason: 'holds',
      clause: { reads: [{ field: 'headers.authorization', redacted: true, missing: false }] },
    })
    expect((await one('e1', 'token')).clause?.reads).toEqual([
      { field: 'headers.authorization', missing: true, redacted: false, captured: true },
    ])
  })

  it('says that a policy reads what was not captured, in place of a false no', async () => {
    expect(await one('early', 'body')).toMatchObject({
      ...{ reason: 'not_captured', matched: false, not_captured: ['body.user.email'], agrees: true },
      clause: { reads: [{ captured: false, missing: false }] },
    })
    expect(await one('e5', 'body')).toMatchObject({ reason: 'holds', not_captured: [] })
  })

  it('goes by what the sender says it captured, where it says so', async () => {
    const captured = { ...NO_DEMAND, body: ['*'], without: ['user_agent'] }
    const sent = event('imported', 6, { body: { user: { email: 'a@b.example' } }, user_id: 'importer' })
    await sendBatch(running.ingestion, { tenantId: tenant.tenantId, revision: 0, captured, events: [sent] })
    await waitUntil(async () => (await list('?text=importer')).items.every((item) => item.state === 'decided'))
    expect(await one('imported', 'body')).toMatchObject({ reason: 'holds', agrees: true })
    expect(await one('imported', 'watch')).toMatchObject({ reason: 'not_captured', not_captured: ['user_agent'] })
  })

  it('is by the policies of then, whatever has become of them', async () => {
    const before = await one('e3', 'watch')
    await owner.patch(`${tenant.at}/policies/${ids.watch}`, { expression: 'false' })
    await owner.patch(tenant.at, { clear_cookies: ['session'] })
    expect(await one('e3', 'watch')).toEqual(before)
    expect(await one('e3', 'login')).toMatchObject({ agrees: true, reason: 'holds', window: { n: 3 } })
    const later = await tenant.policy({ expression: 'true' })
    const [absent] = (await explain('e3', `?policy_id=${later.policy_id}`)).policies
    expect(absent).toMatchObject({ policy_id: later.policy_id, reason: 'not_in_force', decision: null, agrees: null })
    await owner.patch(tenant.at, { clear_cookies: [] })
    await owner.patch(`${tenant.at}/policies/${ids.watch}`, {
      expression: 'request_path = "/login" or user_agent = "curl"',
    })
  })

  it('follows the SDK where that is what happened, by its own policies and count', async () => {
    const block = await tenant.mitigation()
    const more = { expression: 'user_agent = "shop"', mitigation_id: block.mitigation_id }
    const sdkOnly = await tenant.policy({ ...more, window: { seconds: 60, threshold: 9 } })
    const removed = await tenant.policy(more)
    const revision = await latestRevision()
    expect((await owner.delete(`${tenant.at}/policies/${removed.policy_id}`)).status).toBe(204)
    await owner.patch(`${tenant.at}/policies/${sdkOnly.policy_id}`, { expression: 'user_agent = "another"' })
    const enforced = { revision, outcome: 'block', enforced: true, origin: 'policy' } as const
    const from = (id: string, second: number, decision: object) => ({
      ...event(id, second, { user_agent: 'shop' }),
      decision: { ...enforced, ...decision },
    })
    await send(revision, [
      from('by-count', 10, { policy_id: sdkOnly.policy_id, n: 9 }),
      from('removed', 11, { policy_id: removed.policy_id }),
      from('lied', 12, { policy_id: sdkOnly.policy_id, revision: 1, n: 9 }),
    ])
    await waitUntil(async () => (await list('?text=shop')).items.every((item) => item.state === 'decided'))
    for (const [id, policyId] of [
      ['by-count', sdkOnly.policy_id],
      ['removed', removed.policy_id],
    ]) {
      const [why] = (await explain(`${id}`)).policies.filter((policy) => policy.policy_id === policyId)
      expect(why, id).toMatchObject({ reason: 'holds', agrees: true, revision, decision: { enforced: true } })
    }
    const [lied] = (await explain('lied', `?policy_id=${sdkOnly.policy_id}`)).policies
    expect(lied).toMatchObject({ reason: 'expression', agrees: true, decision: null })
    await owner.delete(`${tenant.at}/policies/${sdkOnly.policy_id}`)
  })

  it('knows who was held, and says of what still waits only what follows from its fields', async () => {
    const whole = await tenant.mitigation({ scope: 'entity' })
    const who = await tenant.entity({ key_fields: ['user_id'] })
    const held = await tenant.policy({
      ...{ expression: 'request_path = "/pay"', entity_definition_id: who.entity_definition_id },
      mitigation_id: whole.mitigation_id,
    })
    const revision = await latestRevision()
    await send(revision, [
      event('pays', 15, { request_path: '/pay', user_id: 'u1' }),
      event('then', 16, { user_id: 'u1' }),
    ])
    await waitUntil(async () => (await list('?text=u1')).items.every((item) => item.state === 'decided'))
    const [then] = (await explain('then', `?policy_id=${held.policy_id}`)).policies
    expect(then).toMatchObject({ reason: 'active_mitigation', matched: false, agrees: true, clause: { holds: false } })
    await running.engine.stop()
    await send(revision, [event('waits', 17, { request_path: '/pay', user_id: 'u2' })])
    expect(firstOf((await list('?text=u2')).items)).toMatchObject({ state: 'waiting', decisions: [] })
    const waiting = await explain('waits', `?policy_id=${held.policy_id}`)
    expect(waiting).toMatchObject({ decided: false, policies: [{ reason: 'holds', agrees: null, decision: null }] })
    await running.engine.start()
    await waitUntil(async () => (await explain('waits')).decided)
    await owner.delete(`${tenant.at}/policies/${held.policy_id}`)
  })

  it('is found at once by its time, and comes page by page', async () => {
    const first = await explain('e3', `?limit=4&observed_at=${new Date(start + 2_000).toISOString()}`)
    expect(first.policies).toHaveLength(4)
    const rest = await explain('e3', `?limit=4&cursor=${first.next_cursor}`)
    expect(rest.next_cursor).toBeNull()
    const names = [...first.policies, ...rest.policies].map((policy) => policy.policy_id)
    expect(new Set(names).size).toBe(7)
  })

  it('is for members only, of the tenant that has the event, viewers among them', async () => {
    const path = `${tenant.at}/events/e3/explain`
    const stranger = await running.server.operator('Simon')
    expect(problemOf(await stranger.get(path))).toMatchObject({ status: 404, code: 'not_found' })
    expect(problemOf(await stranger.post(path, { expression: 'true' }))).toMatchObject({ status: 404 })
    const elsewhere = await createTestTenant(stranger, 'Elsewhere')
    expect(problemOf(await stranger.get(`${elsewhere.at}/events/e3/explain`))).toMatchObject({ status: 404 })
    expect(problemOf(await owner.get(`${path}?policy_id=pol_00000000000000000000`))).toMatchObject({ status: 404 })
    expect(problemOf(await owner.get(`${path}?cursor=x`))).toMatchObject({ status: 422 })
    const { body: me } = await stranger.get('/me')
    const viewer = { user_id: me.user.user_id, role: 'Viewer' }
    expect((await owner.post(`${tenant.at}/memberships`, viewer)).status).toBeLessThan(300)
    expect((await stranger.get(path)).status).toBe(200)
    expect((await stranger.post(path, { expression: 'true' })).status).toBe(200)
  })
})

describe('a draft', () => {
  it('is tried on a stored event as it stands, with nothing saved', async () => {
    const { body: revisions } = await owner.get(`${tenant.at}/revisions?limit=1`)
    const draft = await tryOut('e1', { expression: 'user_agent = "curl" and request_path = "/admin"' })
    expect(draft).toMatchObject({ event_id: 'e1', reason: 'expression', matched: false })
    expect(draft.clause?.clauses.map(({ holds, decided }) => [holds, decided])).toEqual([
      [true, false],
      [false, true],
    ])
    expect((await owner.get(`${tenant.at}/revisions?limit=1`)).body).toEqual(revisions)
  })

  it('knows the count of a window that was counted then', async () => {
    const { body: login } = await owner.get(`${tenant.at}/policies/${ids.login}`)
    const { expression, action_ids, entity_definition_id, mitigation_id } = login
    const draft = { expression, action_ids, entity_definition_id, mitigation_id }
    const same = await tryOut('e3', { ...draft, window: { seconds: 60, threshold: 5 } })
    expect(same).toMatchObject({ reason: 'below_threshold', window: { threshold: 5, n: 3 } })
    const other = await tryOut('e3', { ...draft, window: { seconds: 61, threshold: 5 } })
    expect(other).toMatchObject({ reason: 'count_unknown', matched: true, window: { n: null } })
  })

  it('looks values up in lists of the tenant, and names them as people do', async () => {
    const known = { name: 'known addresses', entries: [{ value: '192.0.2.0/24' }] }
    const { status, body } = await owner.post(`${tenant.at}/lists`, known)
    expect(status, JSON.stringify(body)).toBe(201)
    const expression = '$in_list(client_ip, "known addresses")'
    const draft = await tryOut('e1', { expression })
    expect(draft).toMatchObject({ reason: 'holds', clause: { source: expression, reads: [{ value: '192.0.2.1' }] } })
    const policy = await tenant.policy({ expression: `$not(${expression})` })
    await send(await latestRevision(), [event('listed', 20, { user_id: 'listed' })])
    await waitUntil(async () => (await list('?text=listed')).items.every((item) => item.state === 'decided'))
    const [why] = (await explain('listed', `?policy_id=${policy.policy_id}`)).policies
    expect(why).toMatchObject({ reason: 'expression', agrees: true, clause: { clauses: [{ source: expression }] } })
    await owner.delete(`${tenant.at}/policies/${policy.policy_id}`)
  })

  it('says how many of the newest requests it would match, and of how many nobody can tell', async () => {
    const tried = async (draft: object) => {
      const { status, body } = await owner.post(`${tenant.at}/events/match`, draft)
      expect(status, JSON.stringify(body)).toBe(200)
      return draftMatches.parse(body)
    }
    const { items } = await list('')
    const logins = items.filter((item) => item.fields.request_path === '/login')
    const login = 'request_path = "/login"'
    for (const kind of ['policy', 'action', 'exemption']) {
      expect(await tried({ kind, expression: login })).toMatchObject({
        ...{ events: items.length, matched: logins.length, not_captured: 0, failed: 0 },
        since: items.at(-1)?.observed_at,
        matching: logins.slice(0, 10).map(({ event_id, observed_at }) => ({ event_id, observed_at })),
      })
    }
    const uncaptured = items.filter((item) => ['early', 'imported'].includes(item.event_id)).length
    expect(await tried({ expression: 'query.page = "2"' })).toMatchObject({ matched: 0, not_captured: items.length })
    expect(await tried({ expression: '$exists(body.user.email)' })).toMatchObject({
      matched: 2,
      not_captured: uncaptured - 1,
    })
    expect(await tried({ expression: 'request_path > 5' })).toMatchObject({ matched: 0, failed: items.length })
    expect(problemOf(await owner.post(`${tenant.at}/events/match`, { expression: 'a =' }))).toMatchObject({
      ...{ status: 422, code: 'expression_invalid' },
    })
  })

  it.each(['action', 'match', 'exemption'])('can be an expression of kind %s', async (kind) => {
    const expression = 'request_path = "/login"'
    expect(await tryOut('e1', { kind, expression })).toMatchObject({ reason: 'holds', clause: { holds: true } })
    expect(await tryOut('e4', { kind, expression })).toMatchObject({
      reason: 'expression',
      clause: { holds: false, reads: [{ value: '/other' }] },
    })
    expect(await tryOut('early', { kind, expression: 'body.x = 1' })).toMatchObject({
      reason: 'not_captured',
      not_captured: ['body.x'],
    })
  })

  it('is refused as saving would refuse it', async () => {
    const refused = async (draft: object) => problemOf(await owner.post(`${tenant.at}/events/e1/explain`, draft))
    expect(await refused({ expression: 'a = ' })).toMatchObject({ status: 422, code: 'expression_invalid' })
    expect(await refused({ expression: '' })).toMatchObject({ errors: { expression: 'custom' } })
    expect(await refused({ expression: 'true', action_ids: ['act_00000000000000000000'] })).toMatchObject({
      ...{ status: 422, code: 'unknown_reference', errors: { 'action_ids.0': 'unknown_reference' } },
    })
    expect(
      await refused({ expression: 'true', window: { seconds: 60, threshold: 2, distinct: 'nothing' } }),
    ).toMatchObject({
      errors: { 'window.distinct': 'unknown_field_path' },
    })
    expect(problemOf(await owner.post(`${tenant.at}/events/none/explain`, { expression: 'true' }))).toMatchObject({
      status: 404,
    })
  })
})
