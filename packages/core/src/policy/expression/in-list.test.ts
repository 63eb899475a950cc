import { describe, expect, it } from 'vitest'
import { sha256Base64Url } from '../../codec/sha256.js'
import type { PolicySetContent } from '../../protocol/bundle.js'
import { matchEvent } from '../decision/match.js'
import type { Fields, FieldValue } from '../fields/fields.js'
import { listPart, type PreparedList, prepareList } from '../lists/prepared-list.js'
import { demandOf, listsOf } from '../set/demand.js'
import { preparePolicySet } from '../set/prepare.js'
import { content, policy, program } from '../testing/build-policy-set.js'
import { type ExpressionAnswer, prepareExpression } from './expression.js'
import { ANY_LIST, listContents } from './in-list.js'
import type { ProgramNode } from './program.js'

const LIST_ID = 'lst_a'
const LOOK_UP: ProgramNode = ['in_list', ['path', 'value'], LIST_ID]

function contentsOf(part: string): {
  readonly reference: string
  readonly prepared: ReadonlyMap<string, PreparedList>
} {
  const list = prepareList(part)
  if (list === undefined) throw new Error('no list')
  return { reference: sha256Base64Url(part), prepared: new Map([[sha256Base64Url(part), list]]) }
}

const part = listPart([
  { value: 'alice' },
  { value: '42' },
  { value: 'true' },
  { value: '10.0.0.0/8' },
  { value: 'late', expires_at: 1_000 },
])
const { reference, prepared } = contentsOf(part)
const lists = listContents([{ list_id: LIST_ID, sha256: reference, bytes: part.length, count: 5 }], prepared)

function ask(record: Fields): ExpressionAnswer {
  const made = prepareExpression(program(...LOOK_UP), lists)
  if (!made.ok) throw new Error(made.problem.message)
  return made.expression.evaluate(record)
}

describe('$in_list', () => {
  it.each<[string, FieldValue | undefined, boolean | undefined]>([
    ['text in it', 'alice', true],
    ['text not in it', 'bob', false],
    ['an address in a range of it', '10.1.2.3', true],
    ['a number, by its text', 42, true],
    ['another number', 42.5, false],
    ['a boolean, by its text', true, true],
    ['null', null, false],
    ['an object', { alice: 'alice' }, false],
    ['missing', undefined, undefined],
    ['a list with one member in it', ['bob', 'alice'], true],
    ['a list with none in it', ['bob', null, { a: 'alice' }, ['alice']], false],
    ['an empty list', [], false],
  ])('of %s', (_what, value, answer) => {
    expect(ask(value === undefined ? {} : { value })).toEqual({ ok: true, value: answer })
  })

  it('lets entries expire by the time of the event', () => {
    const answers = [999, 1_000].map((at) => ask({ value: 'late', observed_at: at }))
    expect(answers).toEqual([
      { ok: true, value: true },
      { ok: true, value: false },
    ])
    expect(ask({ value: 'late' }), 'a record without a time').toEqual({ ok: true, value: true })
  })

  it('hands an error of its value on', () => {
    const failing: ProgramNode = ['in_list', ['neg', ['lit', 'a']], LIST_ID]
    const made = prepareExpression(program(...failing), lists)
    expect(made.ok && made.expression.evaluate({})).toEqual({ ok: false, code: 'D1002' })
  })

  it.each<[string, ProgramNode, string]>([
    ['without its contents', ['in_list', ['path', 'value'], 'lst_other'], 'list_unavailable'],
    ['of no list', ['in_list', ['path', 'value']], 'program_malformed'],
    ['of a list that is no id', ['in_list', ['path', 'value'], ['lit', LIST_ID]], 'program_malformed'],
    ['of a name every object has', ['in_list', ['path', 'value'], '__proto__'], 'list_unavailable'],
    ['with more operands', ['in_list', ['path', 'value'], LIST_ID, 'more'], 'program_malformed'],
    ['without a value', ['in_list', 'value', LIST_ID], 'program_malformed'],
  ])('cannot be used %s', (_what, root, code) => {
    expect(prepareExpression(program(...root), lists)).toMatchObject({ ok: false, problem: { code } })
  })
})

describe('a policy set with lists', () => {
  const parts: Partial<PolicySetContent> = {
    policies: [
      policy('listed', { program: program(...LOOK_UP), window: { seconds: 60, threshold: 5 } }),
      policy('other'),
    ],
  }
  const whole = content(parts)

  it('says which lists it looks values up in, and captures what it looks up', () => {
    expect(listsOf(whole)).toEqual([LIST_ID])
    const ofBody = content({
      policies: [policy('a', { program: program('in_list', ['path', 'body', 'name'], LIST_ID) })],
    })
    expect(demandOf(ofBody).body).toEqual(['name'])
  })

  it('matches by their contents', () => {
    const set = preparePolicySet(whole, lists)
    expect(set.problems).toEqual([])
    const matched = (value: string) => matchEvent(set, { value }).matched.map((one) => one.policy.policy.policy_id)
    expect(matched('alice')).toEqual(['listed', 'other'])
    expect(matched('bob')).toEqual(['other'])
  })

  it('leaves out what needs a list that is not there, and says so', () => {
    const set = preparePolicySet(whole)
    expect(set.problems).toMatchObject([{ resource: 'policy', id: 'listed', code: 'list_unavailable' }])
    expect(set.policies.map((one) => one.policy.policy_id)).toEqual(['other'])
  })

  it('keeps the count of a window when the contents change', () => {
    const windowOf = (set: ReturnType<typeof preparePolicySet>) => set.policyById('listed')?.windowId
    expect(windowOf(preparePolicySet(whole, lists))).toBe(windowOf(preparePolicySet(whole, ANY_LIST)))
    expect(windowOf(preparePolicySet(whole, lists))).toBeDefined()
  })
})
