import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FieldDemand } from '../../protocol/bundle.js'
import { type MatchOptions, matchEvent } from '../decision/match.js'
import { type WalkState, walk } from '../decision/walk.js'
import type { Fields } from '../fields/fields.js'
import type { PolicySet } from '../set/prepare.js'
import { aContent, someFields } from '../testing/arbitrary-set.js'
import {
  action,
  content,
  entity,
  equals,
  exemption,
  mitigationId,
  policy,
  policySet,
  program,
} from '../testing/build-policy-set.js'
import { explainEvent, type PolicyReason } from './explain.js'

const SEED = 20_261_126
const NOTHING: FieldDemand = content({}).demand

function state(parts: Partial<WalkState> = {}): WalkState {
  const nothing = { countOf: () => undefined, activeMitigation: () => undefined, cleared: () => false }
  return { at: 0, monitor: false, ...nothing, ...parts }
}

function reasons(set: PolicySet, fields: Fields, options: MatchOptions & { state?: WalkState } = {}) {
  const { policies } = explainEvent(set, fields, { state: state(), ...options })
  return Object.fromEntries(policies.map(({ policy: { policy }, reason }) => [policy.policy_id, reason]))
}

describe('an explanation', () => {
  it(`has the verdict of the kernel and a reason for each policy, seed ${SEED}`, { timeout: 60_000 }, () => {
    const states = fc.record({ n: fc.constantFrom(undefined, 1, 2, 3), active: fc.boolean(), cleared: fc.boolean() })
    const modes = fc.array(fc.constantFrom('Monitor', 'Challenge', 'Block'), { minLength: 1 })
    const given = fc.tuple(aContent, someFields, states, modes)
    fc.assert(
      fc.property(
        given,
        fc.constantFrom({}, { captured: NOTHING }, { atRequest: true }),
        ([parts, ...more], options) => {
          const [fields, { n, active, cleared }, mode] = more
          const policies = parts.policies.map((each, index) => {
            const scope = each.entity_definition_id !== undefined && index % 3 === 0 ? 'entity' : 'policy'
            const used = mode[index % mode.length] ?? 'Monitor'
            return { ...each, mitigation_id: mitigationId(used, scope) }
          })
          const set = policySet({ ...parts, policies })
          const walked = state({
            countOf: () => n,
            activeMitigation: ({ policy: { policy_id: id } }) =>
              active && id.endsWith('1') ? { expires_at: 9 } : undefined,
            cleared: ({ policy: { policy_id: id } }) => cleared && id.endsWith('2'),
          })
          const explanation = explainEvent(set, fields, { ...options, state: walked })
          const match = matchEvent(set, fields, options)
          expect(explanation.verdict).toEqual(walk(set, match, walked))
          expect(explanation.match.exemption).toBe(match.exemption)
          expect(explanation.exemptions.filter(({ applied }) => applied).map(({ exemption: one }) => one)).toEqual(
            match.exemption === undefined ? [] : [match.exemption],
          )
          for (const each of explanation.actions) {
            const same = explanation.actions.filter(({ action: one }) => one.action.name === each.action.action.name)
            expect(each.matched).toBe(same.some(({ clause }) => clause?.holds))
          }
          for (const each of explanation.policies) checkReason(each, match)
        },
      ),
      { seed: SEED, numRuns: 300 },
    )
  })

  function checkReason(
    { policy, reason, matched, held, clause, entity: who, n }: ReturnType<typeof explainEvent>['policies'][number],
    match: ReturnType<typeof matchEvent>,
  ): void {
    const actions = policy.actions.every(({ action: { name } }) => match.actions.includes(name))
    expect(matched).toBe(match.matched.some((one) => one.policy === policy))
    expect(held === undefined).toBe(!['holds', 'active_mitigation'].includes(reason))
    const tuple = match.entityOf(policy)
    const present = who?.keyValues.some(({ value }) => value !== undefined && value !== null)
    const states: Readonly<Record<PolicyReason, boolean>> = {
      holds: matched,
      active_mitigation: held !== undefined,
      not_captured: match.notCaptured.includes(policy),
      response_unknown: policy.responseOnly,
      deferred: match.deferred.includes(policy),
      action: !actions,
      expression: actions && clause?.holds === false,
      expression_error: actions && clause?.answer.ok === false,
      entity_match: clause?.holds === true && tuple === undefined && who?.clause?.holds === false,
      entity_missing: clause?.holds === true && tuple === undefined && present === false,
      distinct_missing: matched && policy.distinct !== undefined,
      below_threshold: matched && n !== undefined && n < (policy.policy.window?.threshold ?? 0),
      count_unknown: matched && n === undefined && policy.policy.window !== undefined,
    }
    expect({ reason, fits: states[reason] }).toEqual({ reason, fits: true })
  }

  it('names why each policy does not hold', () => {
    const login = equals('request_path', '/login')
    const window = { seconds: 60, threshold: 5 }
    const set = policySet({
      actions: [action('login', login)],
      entity_definitions: [entity('ip', ['client_ip']), entity('bot', ['client_ip'], equals('user_agent', 'bot'))],
      policies: [
        policy('a_holds', { action_ids: ['act_login'] }),
        policy('b_action', { action_ids: ['act_login'], program: equals('user_agent', 'curl') }),
        policy('c_error', { program: program('gt', ['path', 'request_path'], ['lit', 1]) }),
        policy('d_match', { entity_definition_id: 'bot' }),
        policy('e_missing', { entity_definition_id: 'ip' }),
        policy('f_window', { window }),
        policy('g_distinct', { window: { ...window, distinct: 'query.page' } }),
        policy('h_captured', { program: equals('query.page', 1) }),
        policy('i_response', { program: equals('response_status', 401) }),
        policy('j_held', { window, mitigation_id: mitigationId('Block') }),
      ],
    })
    const fields = { request_path: '/login', user_agent: 'x' }
    const wanted = {
      a_holds: 'holds',
      b_action: 'expression',
      c_error: 'expression_error',
      d_match: 'entity_match',
      e_missing: 'entity_missing',
      f_window: 'count_unknown',
      g_distinct: 'distinct_missing',
      h_captured: 'expression',
      i_response: 'expression',
      j_held: 'count_unknown',
    }
    expect(reasons(set, fields)).toEqual(wanted)
    expect(reasons(set, { ...fields, request_path: '/' })).toMatchObject({ a_holds: 'action', b_action: 'action' })
    expect(reasons(set, fields, { captured: NOTHING })).toMatchObject({
      g_distinct: 'not_captured',
      h_captured: 'not_captured',
      i_response: 'not_captured',
    })
    expect(reasons(set, fields, { atRequest: true })).toMatchObject({ i_response: 'response_unknown' })
    const live = state({ countOf: () => 2, activeMitigation: () => ({ expires_at: 1 }) })
    expect(reasons(set, fields, { state: live })).toMatchObject({
      f_window: 'below_threshold',
      j_held: 'active_mitigation',
    })
    expect(reasons(set, fields, { state: state({ countOf: () => 5 }) })).toMatchObject({ f_window: 'holds' })
  })

  it('shows entity, count, uncaptured fields, and the exemption that applied', () => {
    const set = policySet({
      entity_definitions: [entity('who', ['client_ip', 'cookies.session', 'query.a'])],
      policies: [policy('p', { entity_definition_id: 'who', window: { seconds: 60, threshold: 5 } }), policy('q')],
      exemptions: [
        exemption('exm_a', equals('request_path', '/health')),
        exemption('exm_b', equals('user_agent', 'x'), 10),
      ],
    })
    const hash = `hash:${'b'.repeat(43)}`
    const fields = {
      request_path: '/',
      user_agent: 'x',
      client_ip: '2001:db8::1',
      cookies: { session: hash },
      observed_at: 9,
    }
    const explanation = explainEvent(set, fields, { state: state({ countOf: () => 3 }), policyIds: new Set(['p']) })
    expect(explanation.policies).toHaveLength(1)
    expect(explanation.policies[0]).toMatchObject({
      n: 3,
      reason: 'below_threshold',
      entity: {
        keyValues: [
          { field: 'client_ip', value: '2001:db8::/64', redacted: false },
          { field: 'cookies.session', value: hash, redacted: true },
          { field: 'query.a', value: undefined, redacted: false },
        ],
      },
    })
    expect(explanation.verdict.held.map(({ policy: one }) => one.policy.policy_id)).toEqual(['q'])
    expect(explanation.exemptions.map(({ applied, expired }) => ({ applied, expired }))).toEqual([
      { applied: false, expired: false },
      { applied: true, expired: false },
    ])
    const later = explainEvent(set, { ...fields, observed_at: 10 }, { state: state(), captured: NOTHING })
    expect(later.exemptions[1]).toMatchObject({ applied: false, expired: true, clause: { holds: true } })
    expect(later.policies[0]?.notCaptured).toEqual(['cookies.session', 'query.a'])
  })
})
