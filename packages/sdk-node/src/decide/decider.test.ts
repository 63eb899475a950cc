import { type Bundle, demandOf, type Fields, type MitigationDelta, withApplication } from '@esper/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { derivePurposeKeys } from '../platform/crypto.js'
import { bundle, equals, mitigation, policy, sharedKeys } from '../test/bundle-fixture.js'
import { ClearanceDesk, subjectOf } from './clearance.js'
import { Decider, type DecisionContext } from './decider.js'
import { mitigationVersion, prepareRuleset, type Ruleset } from './ruleset.js'

const T0 = 1_700_000_000_000
const KEYS = derivePurposeKeys('s'.repeat(32), 'key_a')
const SHARED = sharedKeys()
const VISITOR = { address: '203.0.113.7', userAgent: 'test', tokens: [] }
const WINDOW = { seconds: 60, threshold: 3 }
const ENTITIES = [
  { entity_definition_id: 'ent_ip', name: 'ip', priority: 1, key_fields: ['client_ip'] },
  { entity_definition_id: 'ent_user', name: 'user', priority: 1, key_fields: ['client_ip', 'user_id'] },
]
const LOGIN: Fields = { request_path: '/login', client_ip: '203.0.113.7' }

function rulesetOf(parts: Partial<Bundle>): Ruleset {
  const base = { entity_definitions: ENTITIES, actions: [], policies: [], ...parts }
  const ruleset = prepareRuleset(bundle(KEYS, SHARED, { ...base, demand: demandOf(base) }), KEYS)
  if (ruleset === undefined) throw new Error('the bundle holds every key')
  return ruleset
}

function start(parts: Partial<Bundle>) {
  const ruleset = rulesetOf(parts)
  const clearances = new ClearanceDesk()
  const decider = new Decider({ maxMitigations: 100, maxEntities: 1_000, clearances })
  decider.follow(ruleset, T0)
  const contextAt = (seconds: number, more: Partial<DecisionContext> = {}): DecisionContext => ({
    ruleset,
    at: T0 + seconds * 1_000,
    monitor: false,
    enforces: 'all',
    visitor: VISITOR,
    ...more,
  })
  return {
    ruleset,
    clearances,
    decider,
    contextAt,
    rule: (fields: Fields, seconds: number, more: Partial<DecisionContext> = {}) =>
      decider.rule(fields, contextAt(seconds, more)),
    follow: (...deltas: MitigationDelta[]) => decider.apply(deltas, false, { ruleset, now: T0 }),
    keyOf: (address: string) =>
      decider.keyOf(ruleset, { definitionId: 'ent_ip', pairs: [], text: `[["client_ip","${address}"]]` }),
  }
}

const windowed = policy('login', '/login', {
  entity_definition_id: 'ent_ip',
  window: WINDOW,
  mitigation_id: 'mit_block',
})

describe('a request decided again by what the application knows', () => {
  const perUser = policy('user', '/login', {
    entity_definition_id: 'ent_user',
    window: WINDOW,
    mitigation_id: 'mit_block',
  })
  const observed = policy('ip', '/login', { entity_definition_id: 'ent_ip', window: { seconds: 60, threshold: 1_000 } })

  function twice(parts: Partial<Bundle>) {
    const started = start(parts)
    const { ruleset, decider, contextAt } = started
    const options = { demand: ruleset.bundle.demand, redact: (value: string) => value }
    return {
      ...started,
      decide: (userId: string | undefined, seconds: number, more: Partial<DecisionContext> = {}) => {
        const context = contextAt(seconds, { ...more, expectsMore: true })
        const first = decider.rule(LOGIN, context)
        const again = () => decider.ruleAgain(first, withApplication(LOGIN, { user_id: userId }, options), context)
        return { first, again }
      },
    }
  }

  it('blocks the one abuser of a hundred users behind one address, and counts every request once', () => {
    const { decide, decider } = twice({ policies: [perUser, observed] })
    for (let user = 0; user < 100; user += 1) {
      const { first, again } = decide(`user ${user}`, 0)
      expect([first.enforced, again().enforced]).toEqual([false, false])
    }
    const abuse = [1, 2, 3].map((seconds) => {
      const { first, again } = decide('user 7', seconds)
      return [first.enforced, again().enforced]
    })
    expect(abuse).toEqual([
      [false, false],
      [false, true],
      [false, true],
    ])
    const last = decide('user 8', 4).again()
    expect(last.enforced).toBe(false)
    expect(last.counts.map(({ count }) => count).sort()).toEqual([104, 2])
    expect(decider.mitigations.counts().blocks).toBe(1)
  })

  it('is exempt by who it is, and counts for nobody then', () => {
    const staff = { exemption_id: 'exm_staff', name: 'staff', program: equals('user_id', 'ann') }
    const { decide, decider } = twice({ policies: [perUser], exemptions: [staff] })
    for (const seconds of [0, 1, 2, 3]) {
      const { first, again } = decide('ann', seconds)
      const last = again()
      expect([first.match.exemption, last.match.exemption?.exemption.exemption_id]).toEqual([undefined, 'exm_staff'])
      expect([last.enforced, last.counts.map(({ count }) => count)]).toEqual([false, [1]])
    }
    expect(decider.mitigations.counts().blocks).toBe(0)
  })

  it('counts nothing twice, however often it is decided again', () => {
    const { decide, decider, contextAt } = twice({ policies: [perUser, observed] })
    const { first, again } = decide(undefined, 0)
    const second = again()
    const third = decider.ruleAgain(second, second.match.matched.length > 0 ? LOGIN : {}, contextAt(0))
    expect(first.counts.length).toBe(1)
    expect(second.counts.map(({ count }) => count)).toEqual([1, 1])
    expect(third.counts).toEqual(second.counts)
  })

  it('does not ask again for a challenge whose clearance was good for one request', () => {
    const once = mitigation('Challenge', {
      mitigation_id: 'mit_once',
      challenge: { provider: 'pow', level: 1, min_level: 1, one_time: true },
    })
    const challenge = policy('challenge', '/login', { entity_definition_id: 'ent_ip', mitigation_id: 'mit_once' })
    const { decide, clearances, ruleset, keyOf } = twice({ policies: [challenge], mitigations: [once] })
    const [key] = ruleset.clearanceKeys
    const { token } = clearances.mint(
      {
        tenantId: 'ten_a',
        countingScope: 'tenant',
        sub: subjectOf(key, `entity\n${keyOf('203.0.113.7')}`),
        mitigation: mitigationVersion(once),
        kind: 'pow',
        level: 1,
      },
      { key, nowMs: T0 },
    )
    const { first, again } = decide('ann', 0, { visitor: { ...VISITOR, tokens: [token] } })
    expect([first.enforced, again().enforced]).toEqual([false, false])
    expect(decide('ann', 1, { visitor: { ...VISITOR, tokens: [token] } }).first.enforced).toBe(true)
  })

  it('goes on with the bundle it began with, whatever came meanwhile', () => {
    const { decide, decider, ruleset } = twice({ policies: [perUser] })
    const { again } = decide('ann', 0)
    decider.follow(rulesetOf({ policies: [] }), T0)
    expect(again().counts.map(({ count }) => count)).toEqual([1])
    expect(decider.keyOf(ruleset, undefined)).toBe('*')
  })
})

describe('a provisional mitigation', () => {
  const upsert = (entityKey: string, expiresAt: number): MitigationDelta => ({
    kind: 'upsert',
    mitigation: {
      active_mitigation_id: 'am_1',
      policy_id: 'pol_login',
      mitigation_id: 'mit_block',
      counting_scope: 'tenant',
      entity_key: entityKey,
      since: T0,
      expires_at: expiresAt,
      sequence: 7,
    },
  })
  const remove = (entityKey: string, notBefore?: number): MitigationDelta => ({
    kind: 'remove',
    removal: {
      active_mitigation_id: 'am_1',
      policy_id: 'pol_login',
      counting_scope: 'tenant',
      entity_key: entityKey,
      sequence: 8,
      ...(notBefore === undefined ? {} : { not_before: notBefore }),
    },
  })
  const crossed = () => {
    const started = start({ policies: [windowed] })
    for (const seconds of [0, 1, 2]) started.rule(LOGIN, seconds)
    return started
  }

  it('holds for the duration from the crossing on', () => {
    const { rule } = crossed()
    const { enforce } = rule(LOGIN, 300)
    expect(enforce).toMatchObject({ origin: 'active_mitigation', n: 1, expiresAt: T0 + 602_000 })
    expect(enforce?.activeMitigationId).toBeUndefined()
    expect(rule(LOGIN, 603).enforce).toBeUndefined()
  })

  it("is replaced by the broker's, which may end sooner", () => {
    const { rule, follow, keyOf } = crossed()
    follow(upsert(keyOf('203.0.113.7'), T0 + 400_000))
    expect(rule(LOGIN, 300).enforce).toMatchObject({ activeMitigationId: 'am_1', expiresAt: T0 + 400_000 })
    expect(rule(LOGIN, 401).enforce).toBeUndefined()
  })

  it("is removed by the broker's removal", () => {
    const { rule, follow, keyOf } = crossed()
    follow(remove(keyOf('203.0.113.7')))
    expect(rule(LOGIN, 300).enforce).toBeUndefined()
  })

  it('and what led to it are forgotten by a release', () => {
    const { rule, follow, keyOf } = crossed()
    follow(remove(keyOf('203.0.113.7'), T0 + 5_000))
    const ns = [6, 7, 8]
      .map((seconds) => rule(LOGIN, seconds))
      .map(({ enforce, counts }) => [enforce?.n, ...counts.map(({ count }) => count)])
    expect(ns).toEqual([
      [undefined, 1],
      [undefined, 2],
      [3, 3],
    ])
  })

  it('of an entity whose key was never asked for is forgotten by a release too', () => {
    const { rule, follow, ruleset } = start({ policies: [windowed] })
    rule(LOGIN, 0)
    rule(LOGIN, 1)
    const elsewhere = new Decider({ maxMitigations: 10, maxEntities: 10, clearances: new ClearanceDesk() })
    const tuple = { definitionId: 'ent_ip', pairs: [], text: '[["client_ip","203.0.113.7"]]' }
    follow(remove(elsewhere.keyOf(ruleset, tuple), T0 + 5_000))
    expect(rule(LOGIN, 6).counts.map(({ count }) => count)).toEqual([1])
    expect(rule(LOGIN, 7).counts.map(({ count }) => count)).toEqual([2])
  })

  it('ends with the policy that it belongs to', () => {
    const { decider, rule } = crossed()
    const monitored = rulesetOf({ policies: [{ ...windowed, mitigation_id: 'mit_monitor' }] })
    decider.follow(monitored, T0)
    expect(rule(LOGIN, 300, { ruleset: monitored }).enforce).toBeUndefined()
  })
})

describe('a policy that reads the response', () => {
  it('is left to the engine, and what the engine says of its entity is enforced', () => {
    const failed = policy('failed', '', {
      program: { version: 1, root: ['eq', ['path', 'response_status'], ['lit', 401]] },
      entity_definition_id: 'ent_ip',
      mitigation_id: 'mit_all',
    })
    const all = mitigation('Block', { mitigation_id: 'mit_all', scope: 'entity' })
    const { rule, follow, keyOf } = start({ policies: [failed], mitigations: [all] })
    expect(rule({ ...LOGIN, response_status: 401 }, 0).enforce).toBeUndefined()
    follow({
      kind: 'upsert',
      mitigation: {
        active_mitigation_id: 'am_1',
        policy_id: 'pol_failed',
        mitigation_id: 'mit_all',
        counting_scope: 'tenant',
        entity_key: keyOf('203.0.113.7'),
        since: T0,
        expires_at: T0 + 60_000,
        sequence: 1,
      },
    })
    expect(rule(LOGIN, 1).enforce).toMatchObject({ outcome: 'block', origin: 'active_mitigation' })
    expect(rule({ ...LOGIN, client_ip: '192.0.2.1' }, 1).enforce).toBeUndefined()
  })
})

describe('a bundle past its time', () => {
  it('enforces only what fails closed', () => {
    const closed = mitigation('Block', { mitigation_id: 'mit_closed', fail_mode: 'closed' })
    const policies = [
      policy('open', '/login', { mitigation_id: 'mit_block' }),
      policy('closed', '/login', { mitigation_id: 'mit_closed', program: equals('request_path', '/login') }),
    ]
    const { rule } = start({ policies, mitigations: [mitigation('Block'), closed] })
    expect(rule(LOGIN, 0).enforce?.policy.policy.policy_id).toBe('pol_closed')
    const opened = start({ policies: [{ ...windowed, window: { seconds: 60, threshold: 1 } }] })
    expect(opened.rule(LOGIN, 0, { enforces: 'closed_only' })).toMatchObject({ enforced: false, failedOpen: true })
    expect(rule(LOGIN, 0, { enforces: 'closed_only' })).toMatchObject({ enforced: true, failedOpen: false })
  })
})

describe('a client that waits as long as it is told', () => {
  it('is never refused twice in a row, whatever it did before', () => {
    const settings = fc.record({
      seconds: fc.constantFrom(1, 2, 7, 60, 61, 119, 600, 3_600),
      threshold: fc.integer({ min: 2, max: 12 }),
      duration: fc.constantFrom(1, 5, 60, 900),
      gaps: fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 20, maxLength: 60 }),
    })
    fc.assert(
      fc.property(settings, ({ seconds, threshold, duration, gaps }) => {
        const limit = { ...windowed, window: { seconds, threshold } }
        const { decider, rule } = start({
          policies: [limit],
          mitigations: [mitigation('Block', { duration_seconds: duration })],
        })
        let at = 0
        let obeyed = false
        for (const gap of gaps) {
          if (!obeyed) at += gap / 1_000
          const { enforce, match } = rule(LOGIN, at)
          if (obeyed && enforce !== undefined) throw new Error(`refused again after the wait, at ${at} s`)
          const waitMs = enforce === undefined ? undefined : decider.waitMs(enforce, match, T0 + at * 1_000)
          obeyed = waitMs !== undefined
          // As the header says it: in whole seconds.
          if (waitMs !== undefined) at += Math.max(1, Math.ceil(waitMs / 1_000))
        }
      }),
      { seed: 20_261_126, numRuns: 50 },
    )
  }, 60_000)
})
