import { describe, expect, it } from 'vitest'
import type { BundleExemption, FieldDemand, PolicySetContent } from '../../protocol/bundle.js'
import type { ProgramNode } from '../expression/program.js'
import type { Fields } from '../fields/fields.js'
import { demandOf } from '../set/demand.js'
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
import { WindowCounter } from '../windows/window-counter.js'
import { type MatchOptions, matchEvent } from './match.js'
import { type WalkState, walk } from './walk.js'

const AT = 1_000_000
const OFFICE = equals('client_ip', '203.0.113.7')
const LOGIN: Fields = { request_path: '/login', client_ip: '203.0.113.7', user_id: 'ann', observed_at: AT }
const block = policy('block', { mitigation_id: mitigationId('Block') })
const nothing: FieldDemand = { ...demandOf(content({})) }

function exempts(exemptions: readonly BundleExemption[], parts: Partial<PolicySetContent> = {}, fields = LOGIN) {
  const set = policySet({ policies: [block], ...parts, exemptions })
  return matchEvent(set, fields).exemption?.exemption.exemption_id
}

describe('an exemption', () => {
  const table: readonly [says: string, exemptions: readonly BundleExemption[], found: string | undefined][] = [
    ['matches where its expression is true', [exemption('exm', OFFICE)], 'exm'],
    ['does not where it is false', [exemption('exm', equals('client_ip', '192.0.2.1'))], undefined],
    ['does not where it is missing', [exemption('exm', program('path', 'labels', 'plan'))], undefined],
    ['does not where it errs', [exemption('exm', program('gt', ['path', 'user_id'], ['lit', 1]))], undefined],
    ['matches before it expires', [exemption('exm', OFFICE, AT + 1)], 'exm'],
    ['does not at the time it expires', [exemption('exm', OFFICE, AT)], undefined],
    ['of several the first by id', [exemption('b', OFFICE), exemption('a', OFFICE)], 'a'],
    ['that has expired stands aside for the next', [exemption('a', OFFICE, 1), exemption('b', OFFICE)], 'b'],
  ]
  it.each(table)('%s', (_says, exemptions, found) => {
    expect(exempts(exemptions)).toBe(found)
  })

  it('of an event without a time does not expire unseen: it does not match', () => {
    const { observed_at: _, ...timeless } = LOGIN
    expect(exempts([exemption('exm', OFFICE, AT + 1)], {}, timeless)).toBeUndefined()
    expect(exempts([exemption('exm', OFFICE)], {}, timeless)).toBe('exm')
  })

  it('sees the actions that matched, but for those that need the response', () => {
    const actions = [
      action('login', equals('request_path', '/login')),
      action('early', program('call', 'not', ['call', 'exists', ['path', 'response_status']])),
    ]
    const ofAction = (name: string) => [exemption(name, program('in', ['lit', name], ['path', 'actions']))]
    expect(exempts(ofAction('login'), { actions })).toBe('login')
    expect(exempts(ofAction('early'), { actions })).toBeUndefined()
    const seen = { policies: [policy('p', { program: program('in', ['lit', 'early'], ['path', 'actions']) })], actions }
    expect(matchEvent(policySet({ ...seen, exemptions: ofAction('early') }), LOGIN).matched).toHaveLength(1)
  })

  it('does not match what was captured without a field it reads, directly or through an action', () => {
    const actions = [action('flow', equals('query_flow', 'x'))]
    const exemptions = [
      exemption('a', equals('query_debug', '1')),
      exemption('b', program('in', ['lit', 'flow'], ['path', 'actions'])),
      exemption('c', OFFICE),
    ]
    const set = policySet({ actions, exemptions })
    const found = (captured: FieldDemand) => ({
      uncaptured: set.exemptions.notCaptured(captured).map((each) => each.exemption.exemption_id),
      exempt: matchEvent(set, { ...LOGIN, query: { debug: '1', flow: 'x' } }, { captured }).exemption?.exemption
        .exemption_id,
    })
    expect(found(nothing)).toEqual({ uncaptured: ['a', 'b'], exempt: 'c' })
    expect(found({ ...nothing, query: ['flow'] })).toEqual({ uncaptured: ['a'], exempt: 'b' })
    expect(found({ ...nothing, query: ['debug', 'flow'] })).toEqual({ uncaptured: [], exempt: 'a' })
  })

  it('that reads what the application may still say exempts nothing until it has', () => {
    const set = policySet({
      exemptions: [
        exemption('guest', program('call', 'not', ['call', 'exists', ['path', 'user_id']])),
        exemption('staff', equals('labels.team', 'us')),
      ],
    })
    const found = (fields: Fields, expectsMore: boolean) =>
      matchEvent(set, fields, { expectsMore }).exemption?.exemption.exemption_id
    const { user_id: _, ...guest } = LOGIN
    expect([found(guest, true), found(guest, false)]).toEqual([undefined, 'guest'])
    const staff = { ...LOGIN, labels: { team: 'us' } }
    expect([found(staff, true), found(staff, false)]).toEqual(['staff', 'staff'])
  })

  it('is decided by its alternatives, each by itself', () => {
    const byUser: ProgramNode = ['eq', ['path', 'user_id'], ['lit', 'bob']]
    const byQuery: ProgramNode = ['eq', ['path', 'query', 'debug'], ['lit', '1']]
    const set = policySet({
      exemptions: [exemption('exm', program('or', byUser, ['block', ['or', byQuery, OFFICE.root]]))],
    })
    const found = (fields: Fields, options: MatchOptions) => matchEvent(set, fields, options).exemption !== undefined
    const { user_id: _, ...guest } = LOGIN
    expect(found(guest, { expectsMore: true })).toBe(true)
    expect(found(guest, { captured: nothing })).toBe(true)
    expect(found({ ...guest, client_ip: '192.0.2.1' }, { expectsMore: true })).toBe(false)
    expect(found({ ...LOGIN, client_ip: '192.0.2.1', user_id: 'bob' }, { captured: nothing })).toBe(true)
    expect(set.exemptions.notCaptured(nothing)).toHaveLength(1)
  })

  it('whose alternative errs does not match, as JSONata has it', () => {
    const errs: ProgramNode = ['gt', ['path', 'user_id'], ['lit', 1]]
    expect(exempts([exemption('exm', program('or', errs, OFFICE.root))])).toBeUndefined()
    expect(exempts([exemption('exm', program('or', OFFICE.root, errs))])).toBe('exm')
  })

  it('is asked for by the field demand', () => {
    const exemptions = [exemption('exm', equals('headers.x-probe', '1'))]
    expect(demandOf({ actions: [], entity_definitions: [], policies: [], exemptions }).headers).toEqual(['x-probe'])
  })

  it('that cannot be used is left out and listed', () => {
    const set = policySet({
      exemptions: [
        exemption('a', program('no such thing')),
        exemption('b', equals('response_status', 200)),
        exemption('c', OFFICE),
      ],
    })
    expect(set.exemptions.all.map((each) => each.exemption.exemption_id)).toEqual(['c'])
    expect(set.problems.map(({ resource, id }) => `${resource} ${id}`)).toEqual(['exemption a', 'exemption b'])
  })

  it('is not looked at for an event that cannot match it', () => {
    let looked = 0
    const exemptions = Array.from({ length: 200 }, (_, index) =>
      exemption(`exm_${index}`, equals('client_ip', `10.0.0.${index}`)),
    )
    const set = policySet({ policies: [block], exemptions })
    for (const alternative of set.exemptions.all.flatMap(({ alternatives }) => alternatives)) {
      const { condition } = alternative
      Object.assign(alternative, {
        condition: (...args: Parameters<typeof condition>) => {
          looked += 1
          return condition(...args)
        },
      })
    }
    expect(matchEvent(set, LOGIN).exemption).toBeUndefined()
    expect(looked).toBe(0)
    expect(matchEvent(set, { client_ip: '10.0.0.150' }).exemption?.exemption.exemption_id).toBe('exm_150')
    expect(looked).toBe(1)
  })
})

describe('an exempt event', () => {
  const window = { seconds: 60, threshold: 3 }
  const byAddress = { entity_definition_id: 'ent_ip', mitigation_id: mitigationId('Block', 'entity') }
  const windowed = policy('windowed', { ...byAddress, window, priority: 1 })
  const set = policySet({
    entity_definitions: [entity('ent_ip', ['client_ip'])],
    policies: [windowed, block],
    exemptions: [exemption('exm', OFFICE)],
  })
  const walked = (state: Partial<WalkState>) => {
    const nothingKnown = { countOf: () => undefined, activeMitigation: () => undefined, cleared: () => false }
    const verdict = walk(set, matchEvent(set, LOGIN), { at: AT, monitor: false, ...nothingKnown, ...state })
    const held = verdict.held.map(({ policy: { policy: each }, origin, shadowed }) =>
      [each.policy_id, origin, shadowed ? 'shadowed' : ''].filter(Boolean).join(' '),
    )
    return { held, enforce: verdict.enforce?.policy.policy.policy_id, enforced: verdict.enforced }
  }

  it('meets nothing, and what would have happened is said', () => {
    expect(walked({})).toEqual({ held: ['block policy'], enforce: 'block', enforced: false })
    expect(walked({ countOf: () => 3 })).toEqual({
      held: ['windowed policy', 'block policy shadowed'],
      enforce: 'windowed',
      enforced: false,
    })
  })

  it('beats an active mitigation', () => {
    const activeMitigation: WalkState['activeMitigation'] = ({ canBeActive }) =>
      canBeActive ? { active_mitigation_id: 'am', expires_at: AT + 1_000 } : undefined
    expect(walked({ activeMitigation })).toEqual({
      held: ['windowed active_mitigation', 'block policy shadowed'],
      enforce: 'windowed',
      enforced: false,
    })
  })
})

describe('the count an exempt event is judged by', () => {
  const base = { windowId: 'w', entity: undefined, seconds: 60 }

  it('is that of the window with it, and leaves the window as it is', () => {
    const counter = new WindowCounter({ seed: [1, 2] })
    expect(counter.countWith(base, AT)).toBe(1)
    counter.hit(base, AT)
    counter.hit(base, AT + 59_000)
    expect(counter.countWith(base, AT + 30_000)).toBe(3)
    expect(counter.countWith(base, AT + 62_000)).toBe(2)
    expect(counter.peek(base, AT)).toBe(2)
  })

  it('counts its own value once where different values count', () => {
    const counter = new WindowCounter({ seed: [1, 2] })
    const value = (distinct: string) => ({ ...base, distinct })
    expect(counter.countWith(value('a'), AT)).toBe(1)
    counter.hit(value('a'), AT)
    counter.hit(value('b'), AT)
    expect(counter.countWith(value('a'), AT + 1_000)).toBe(2)
    expect(counter.countWith(value('c'), AT + 1_000)).toBe(3)
    expect(counter.countWith(value('c'), AT + 61_000)).toBe(1)
    expect(counter.peek(value('c'), AT)).toBe(2)
  })
})
