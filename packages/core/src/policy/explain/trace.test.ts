import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_DEMAND } from '../../protocol/bundle.js'
import { prepareExpression } from '../expression/expression.js'
import type { ProgramNode } from '../expression/program.js'
import { truthy } from '../expression/semantics.js'
import { aCondition, anExpression, lit, path, someFields } from '../testing/arbitrary-set.js'
import { program } from '../testing/build-policy-set.js'
import { type Clause, Trace, type TraceOptions } from './trace.js'

const SEED = 20_261_126

function explain(root: ProgramNode, record: unknown, options: Omit<TraceOptions, 'record'> = {}): Clause {
  const clause = new Trace({ record, ...options }).explain(program(...root))
  if (clause === undefined) throw new Error('not explained')
  return clause
}

function deciding(clause: Clause): readonly string[] {
  const inner = clause.clauses.flatMap(deciding)
  return clause.kind === 'condition' && clause.decided ? [clause.source] : inner
}

function every(clause: Clause): readonly Clause[] {
  return [clause, ...clause.clauses.flatMap(every)]
}

/** Conditions that can also err or give no boolean. */
const anyCondition: fc.Arbitrary<ProgramNode> = fc.oneof(
  { weight: 3, arbitrary: aCondition },
  {
    weight: 1,
    arbitrary: fc.constantFrom<ProgramNode>(
      ['gt', path('request_path'), lit(5)],
      ['eq', ['add', path('query', 'a'), lit(1)], lit(6)],
      ['call', 'contains', ['call', 'lowercase', path('request_path')], lit('log')],
      ['call', 'exists', path('client_ip')],
      path('query'),
      ['concat', path('request_method'), path('query', 'a')],
      ['div', lit(1), lit(0)],
    ),
  },
)

describe('a trace', () => {
  it(`gives the kernel's answer for the whole and for each of its clauses, seed ${SEED}`, { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(anExpression(anyCondition), someFields, (root, record) => {
        const clause = explain(root, record)
        const prepared = prepareExpression(program(...root))
        if (!prepared.ok) throw new Error(prepared.problem.message)
        expect(clause.answer).toEqual(prepared.expression.evaluate(record))
        expect(clause.holds).toBe(prepared.expression.holds(record))
        for (const each of every(clause)) {
          expect(each.holds).toBe(each.answer.ok && truthy(each.answer.value) === true)
          if (each.decided) expect(each.reached).toBe(true)
        }
      }),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  it(`rests on the clauses that it says decided, seed ${SEED}`, { timeout: 60_000 }, () => {
    // Whatever the other conditions gave, the whole would give the same: each is replaced by a constant.
    fc.assert(
      fc.property(
        anExpression(aCondition),
        someFields,
        fc.array(fc.boolean(), { minLength: 1 }),
        (root, record, bits) => {
          const clause = explain(root, record)
          let used = 0
          const next = () => bits[used++ % bits.length] === true
          const replaced = withConstants(root, clause, next)
          const prepared = prepareExpression(program(...replaced))
          if (!prepared.ok) throw new Error(prepared.problem.message)
          expect(prepared.expression.holds(record)).toBe(clause.holds)
        },
      ),
      { seed: SEED, numRuns: 2_000 },
    )
  })

  it('stops where evaluation stops', () => {
    const root: ProgramNode = [
      'and',
      ['eq', path('a'), lit(1)],
      ['or', ['eq', path('b'), lit(1)], ['eq', path('c'), lit(1)]],
      ['eq', path('d'), lit(1)],
    ]
    const clause = explain(root, { a: 1, b: 0, c: 0, d: 1 })
    expect(clause).toMatchObject({ kind: 'and', holds: false, decided: true })
    expect(deciding(clause)).toEqual(['b = 1', 'c = 1'])
    expect(clause.clauses.map(({ reached, holds }) => ({ reached, holds }))).toEqual([
      { reached: true, holds: true },
      { reached: true, holds: false },
      { reached: false, holds: true },
    ])
    expect(deciding(explain(root, { a: 0 }))).toEqual(['a = 1'])
    expect(deciding(explain(root, { a: 1, b: 1, d: 1 }))).toEqual(['a = 1', 'b = 1', 'd = 1'])
  })

  it('shows negation and the branch that a conditional took', () => {
    expect(deciding(explain(['call', 'not', ['call', 'exists', path('a')]], { a: 1 }))).toEqual(['$exists(a)'])
    const choice: ProgramNode = ['if', ['eq', path('a'), lit(1)], ['eq', path('b'), lit(1)], ['eq', path('c'), lit(1)]]
    expect(deciding(explain(choice, { a: 1, b: 1 }))).toEqual(['a = 1', 'b = 1'])
    expect(deciding(explain(choice, { a: 2, c: 2 }))).toEqual(['a = 1', 'c = 1'])
    expect(deciding(explain(['if', ...choice.slice(1, 3)], { a: 2 }))).toEqual(['a = 1'])
  })

  it('shows an error with its code, and that the rest was not reached', () => {
    const clause = explain(['and', ['gt', path('a'), lit(1)], ['eq', path('b'), lit(1)]], { a: 'x', b: 1 })
    expect(clause.answer).toEqual({ ok: false, code: 'T2009' })
    expect(clause.clauses[0]).toMatchObject({ answer: { ok: false, code: 'T2009' }, decided: true, holds: false })
    expect(clause.clauses[1]).toMatchObject({ reached: false, holds: true })
  })

  it('shows what was read and what the parts gave, redacted and uncaptured values marked', () => {
    const hash = `hash:${'a'.repeat(43)}`
    const root: ProgramNode = [
      'eq',
      ['call', 'lowercase', ['call', 'trim', path('user_agent')]],
      ['concat', path('query', 'page'), path('headers', 'authorization')],
    ]
    const clause = explain(
      root,
      { user_agent: ' Curl ', headers: { authorization: hash } },
      { captured: NO_DEMAND, actions: [] },
    )
    expect(clause.reads).toEqual([
      { field: 'user_agent', path: ['user_agent'], value: ' Curl ', redacted: false, captured: true },
      { field: 'query.page', path: ['query', 'page'], value: undefined, redacted: false, captured: false },
      {
        field: 'headers.authorization',
        path: ['headers', 'authorization'],
        value: hash,
        redacted: true,
        captured: false,
      },
    ])
    expect(clause.operands).toEqual([
      { source: '$trim(user_agent)', answer: { ok: true, value: 'Curl' } },
      { source: '$lowercase($trim(user_agent))', answer: { ok: true, value: 'curl' } },
      { source: 'query.page & headers.authorization', answer: { ok: true, value: hash } },
    ])
    const wholeMap = explain(['call', 'exists', path('labels')], { labels: { inner: [{ key: hash }] } })
    expect(wholeMap.reads).toMatchObject([{ field: 'labels', redacted: true }])
  })

  it('reads actions from what matched, or from a record that is tried by itself', () => {
    const root: ProgramNode = ['in', lit('login'), path('actions')]
    expect(explain(root, {}, { actions: ['login'] })).toMatchObject({ holds: true, reads: [{ value: ['login'] }] })
    expect(explain(root, { actions: 'login' })).toMatchObject({ holds: true, reads: [{ value: 'login' }] })
  })

  it('explains no program that cannot be used', () => {
    for (const bad of [undefined, {}, { version: 9, root: lit(1) }, program('no such thing')]) {
      expect(new Trace({ record: {} }).explain(bad)).toBeUndefined()
    }
  })
})

/** The expression with a constant for each condition on which the answer does not rest. */
function withConstants(node: ProgramNode, clause: Clause, next: () => boolean): ProgramNode {
  if (node[0] === 'block') return withConstants(operandAt(node, 1), clause, next)
  if (!clause.decided) return lit(next())
  if (clause.kind === 'condition') return node
  const first = clause.kind === 'not' ? 2 : 1
  const parts = clause.clauses.map((each, index) => withConstants(operandAt(node, first + index), each, next))
  return clause.kind === 'not' ? ['call', 'not', ...parts] : [clause.kind, ...parts]
}

function operandAt(node: ProgramNode, index: number): ProgramNode {
  const operand: unknown = node[index]
  if (!Array.isArray(operand)) throw new Error(`no operand ${index}`)
  const [op, ...rest]: readonly unknown[] = operand
  return [String(op), ...rest]
}
