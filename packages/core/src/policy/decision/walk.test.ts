import { describe, expect, it } from 'vitest'
import type { BundlePolicy, PolicySetContent } from '../../protocol/bundle.js'
import type { MitigationMode, MitigationScope } from '../../protocol/resources.js'
import type { Fields } from '../fields/fields.js'
import { action, entity, equals, mitigationId, policy, policySet, program } from '../testing/build-policy-set.js'
import { WindowCounter } from '../windows/window-counter.js'
import { matchEvent } from './match.js'
import { type WalkState, walk } from './walk.js'

const LOGIN: Fields = { request_path: '/login', client_ip: '203.0.113.7' }
const HOME: Fields = { request_path: '/', client_ip: '203.0.113.7' }
const BY_ADDRESS = entity('ent_ip', ['client_ip'])
const IS_LOGIN = equals('request_path', '/login')
const WINDOW = { seconds: 60, threshold: 3 }

interface Situation {
  readonly policies: readonly BundlePolicy[]
  readonly fields?: Fields
  readonly enforcement?: PolicySetContent['enforcement']
  readonly n?: number
  readonly active?: readonly string[]
  readonly cleared?: readonly string[]
  readonly monitor?: boolean
}

function decide(situation: Situation) {
  const { policies, fields = LOGIN, enforcement = 'on' } = situation
  const set = policySet({ policies, enforcement, entity_definitions: [BY_ADDRESS] })
  const state: WalkState = {
    at: 0,
    monitor: situation.monitor ?? false,
    countOf: () => situation.n,
    activeMitigation: ({ policy: { policy_id: id } }) =>
      situation.active?.includes(id) ? { active_mitigation_id: `am_${id}`, expires_at: 60_000 } : undefined,
    cleared: ({ policy: { policy_id: id } }) => situation.cleared?.includes(id) ?? false,
  }
  const verdict = walk(set, matchEvent(set, fields), state)
  const held = verdict.held.map(({ policy: { policy: one }, outcome, origin, cleared, shadowed }) =>
    [one.policy_id, outcome, origin, cleared ? 'cleared' : '', shadowed ? 'shadowed' : ''].filter(Boolean).join(' '),
  )
  return { held, enforce: verdict.enforce?.policy.policy.policy_id, enforced: verdict.enforced, verdict }
}

function withMode(
  id: string,
  mode: MitigationMode,
  parts: Partial<BundlePolicy> = {},
  scope: MitigationScope = 'policy',
) {
  return policy(id, { mitigation_id: mitigationId(mode, scope), entity_definition_id: 'ent_ip', ...parts })
}

describe('the walk', () => {
  const table: readonly [says: string, situation: Situation, held: readonly string[], enforce: string | undefined][] = [
    ['a policy without a mitigation observes', { policies: [policy('p')] }, ['p observe policy'], undefined],
    ['Monitor observes', { policies: [withMode('p', 'Monitor')] }, ['p observe policy'], undefined],
    ['Challenge happens', { policies: [withMode('p', 'Challenge')] }, ['p challenge policy'], 'p'],
    ['Block happens', { policies: [withMode('p', 'Block')] }, ['p block policy'], 'p'],
    [
      'what does not match does not hold',
      { policies: [withMode('p', 'Block', { program: IS_LOGIN })], fields: HOME },
      [],
      undefined,
    ],
    [
      'lower priority goes first',
      { policies: [withMode('a', 'Challenge', { priority: 2 }), withMode('b', 'Block', { priority: 1 })] },
      ['b block policy', 'a challenge policy shadowed'],
      'b',
    ],
    [
      'ties go by policy_id',
      { policies: [withMode('b', 'Block'), withMode('a', 'Challenge')] },
      ['a challenge policy', 'b block policy shadowed'],
      'a',
    ],
    [
      'Monitors behind are observed all the same',
      { policies: [withMode('a', 'Block'), withMode('b', 'Monitor')] },
      ['a block policy', 'b observe policy'],
      'a',
    ],
    [
      'a cleared challenge is recorded and the walk goes on',
      { policies: [withMode('a', 'Challenge'), withMode('b', 'Block')], cleared: ['a'] },
      ['a challenge policy cleared', 'b block policy'],
      'b',
    ],
    [
      'a clearance counts behind a Block too',
      { policies: [withMode('a', 'Block'), withMode('b', 'Challenge')], cleared: ['b'] },
      ['a block policy', 'b challenge policy cleared'],
      'a',
    ],
    ['a clearance answers no Block', { policies: [withMode('a', 'Block')], cleared: ['a'] }, ['a block policy'], 'a'],
    [
      'below the threshold nothing holds',
      { policies: [withMode('p', 'Block', { window: WINDOW })], n: 2 },
      [],
      undefined,
    ],
    [
      'at the threshold it holds',
      { policies: [withMode('p', 'Block', { window: WINDOW })], n: 3 },
      ['p block policy'],
      'p',
    ],
    [
      'an unknown count reaches no threshold',
      { policies: [withMode('p', 'Block', { window: WINDOW })] },
      [],
      undefined,
    ],
    [
      'an active mitigation holds below the threshold',
      { policies: [withMode('p', 'Block', { window: WINDOW })], n: 1, active: ['p'] },
      ['p block active_mitigation'],
      'p',
    ],
    [
      'with both, the policy itself is the origin, so that it extends',
      { policies: [withMode('p', 'Block', { window: WINDOW })], n: 4, active: ['p'] },
      ['p block policy'],
      'p',
    ],
    [
      'scope policy: it concerns only what the policy matches',
      { policies: [withMode('p', 'Block', { window: WINDOW, program: IS_LOGIN })], fields: HOME, active: ['p'] },
      [],
      undefined,
    ],
    [
      'scope entity: it concerns all its requests',
      {
        policies: [withMode('p', 'Block', { window: WINDOW, program: IS_LOGIN }, 'entity')],
        fields: HOME,
        active: ['p'],
      },
      ['p block active_mitigation'],
      'p',
    ],
    [
      'scope entity: not a request without the entity',
      {
        policies: [withMode('p', 'Block', { program: IS_LOGIN }, 'entity')],
        fields: { request_path: '/' },
        active: ['p'],
      },
      [],
      undefined,
    ],
    [
      'a Monitor has no active mitigations',
      { policies: [withMode('p', 'Monitor', { window: WINDOW })], n: 1, active: ['p'] },
      [],
      undefined,
    ],
  ]
  for (const [says, situation, held, enforce] of table) {
    it(says, () => {
      const decision = decide(situation)
      expect(decision.held).toEqual(held)
      expect(decision.enforce).toBe(enforce)
      expect(decision.enforced).toBe(enforce !== undefined)
    })
  }

  it('says what would happen, and enforces nothing, while a tenant or a caller monitors', () => {
    const policies = [withMode('p', 'Block')]
    expect(decide({ policies, enforcement: 'monitor' })).toMatchObject({ enforce: 'p', enforced: false })
    expect(decide({ policies, monitor: true })).toMatchObject({ enforce: 'p', enforced: false })
  })

  it('carries the count and the active mitigation it knows', () => {
    const { verdict } = decide({ policies: [withMode('p', 'Block', { window: WINDOW })], n: 2, active: ['p'] })
    expect(verdict.enforce).toMatchObject({ n: 2, activeMitigationId: 'am_p', expiresAt: 60_000 })
    expect(verdict.enforce?.entity?.text).toBe('[["client_ip","203.0.113.7"]]')
  })
})

describe('matching', () => {
  it('needs the expression, every action and the entity', () => {
    const actions = [action('login', IS_LOGIN), action('post', equals('request_method', 'POST'))]
    const set = policySet({
      actions,
      entity_definitions: [entity('ent_user', ['user_id', 'labels.plan'], equals('request_host', 'shop'))],
      policies: [
        policy('a', { action_ids: ['act_login', 'act_post'] }),
        policy('b', { program: program('in', ['lit', 'login'], ['path', 'actions']) }),
        policy('c', { entity_definition_id: 'ent_user' }),
      ],
    })
    const names = (fields: Fields) => matchEvent(set, fields).matched.map(({ policy: found }) => found.policy.policy_id)
    expect(names({ request_path: '/login', request_method: 'GET' })).toEqual(['b'])
    expect(names({ request_path: '/login', request_method: 'POST' })).toEqual(['a', 'b'])
    expect(names({ request_host: 'shop', user_id: 'u' })).toEqual(['c'])
    expect(names({ request_host: 'other', user_id: 'u' })).toEqual([])
    expect(names({ request_host: 'shop' })).toEqual([])
    expect(matchEvent(set, { request_path: '/login' }).actions).toEqual(['login'])
  })

  it('does not match where the expression errs', () => {
    const set = policySet({ policies: [policy('p', { program: program('gt', ['path', 'user_id'], ['lit', 1]) })] })
    expect(matchEvent(set, { user_id: '5' }).matched).toEqual([])
  })

  it('counts one window for policies over the same behaviour, whatever their threshold and mitigation', () => {
    const same = { program: IS_LOGIN, entity_definition_id: 'ent_ip' }
    const set = policySet({
      entity_definitions: [BY_ADDRESS],
      policies: [
        policy('a', { ...same, window: { seconds: 60, threshold: 3 } }),
        policy('b', { ...same, window: { seconds: 60, threshold: 9 }, mitigation_id: mitigationId('Block') }),
        policy('c', { ...same, window: { seconds: 61, threshold: 3 } }),
      ],
    })
    const match = matchEvent(set, LOGIN)
    const [a, b, c] = match.matched.map(({ contribution }) => contribution?.windowId)
    expect(a).toBe(b)
    expect(a).not.toBe(c)
    expect(match.contributions).toHaveLength(2)
  })

  it('counts different values where a window says so, and nothing where the value is missing', () => {
    const window = { seconds: 60, threshold: 2, distinct: 'body.user' }
    const set = policySet({
      entity_definitions: [BY_ADDRESS],
      policies: [policy('p', { entity_definition_id: 'ent_ip', window })],
    })
    const counter = new WindowCounter({ seed: [1, 2] })
    const hit = (user: string) => {
      const [contribution] = matchEvent(set, { ...LOGIN, body: { user } }).contributions
      return contribution && counter.hit(contribution, 0)
    }
    expect([hit('ann'), hit('ann'), hit('bob')]).toEqual([1, 1, 2])
    const without = matchEvent(set, LOGIN)
    expect(without.contributions).toEqual([])
    expect(without.matched).toHaveLength(1)
  })

  it('leaves a policy undecided for an event that lacks what it reads', () => {
    const set = policySet({
      policies: [policy('a', { program: equals('query.flow', 'x') }), policy('b', { program: IS_LOGIN })],
    })
    const captured = {
      headers: [],
      cookies: [],
      query: [],
      route: [],
      body: [],
      labels: [],
      cookie: false,
      response: false,
    }
    const match = matchEvent(set, LOGIN, { captured })
    expect(match.notCaptured.map(({ policy: { policy_id: id } }) => id)).toEqual(['a'])
    expect(match.matched).toHaveLength(1)
    expect(matchEvent(set, LOGIN, { captured: { ...captured, query: ['flow'] } }).notCaptured).toEqual([])
  })

  it('leaves what reads the response to the engine while the request runs', () => {
    const set = policySet({ policies: [policy('p', { program: equals('response_status', 401) })] })
    expect(set.policies[0]?.responseOnly).toBe(true)
    const fields = { ...LOGIN, response_status: 401 }
    expect(matchEvent(set, fields, { atRequest: true }).matched).toEqual([])
    expect(matchEvent(set, fields).matched).toHaveLength(1)
  })
})
