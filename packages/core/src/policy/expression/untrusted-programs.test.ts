import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clauseSource } from '../explain/clause-source.js'
import { Trace } from '../explain/trace.js'
import type { Fields } from '../fields/fields.js'
import { prepareExpression } from './expression.js'
import { FUNCTIONS } from './functions.js'
import { ANY_LIST } from './in-list.js'

const SEED = Number(process.env.ESPER_FUZZ_SEED ?? Date.now() % 1_000_000_000)
const RUNS = Number(process.env.ESPER_FUZZ_PROGRAMS ?? 10_000)

const NAMES = ['a', 'b', '__proto__', 'constructor', 'prototype', 'toString', 'body', 'actions', ''] as const
const OPS = [
  ...[
    'lit',
    'path',
    'and',
    'or',
    'eq',
    'ne',
    'lt',
    'le',
    'gt',
    'ge',
    'in',
    'neg',
    'block',
    'if',
    'list',
    'call',
    'test',
  ],
  ...['match', 'in_list', 'concat', 'add', 'sub', 'mul', 'div', 'mod', 'item', 'whole', 'steps', 'filter', 'object'],
  ...['range', 'record', 'name', 'map', 'constructor', '__proto__', ''],
] as const

const junk = fc.oneof(
  fc.constantFrom(
    ...NAMES,
    ...OPS,
    ...FUNCTIONS.keys(),
    '(a+)+$',
    '10.0.0.0/8',
    null,
    true,
    0,
    -1,
    1.5,
    2e9,
    undefined,
  ),
  fc.constantFrom(Number.NaN, Infinity, {}, { version: 1 }, [], [[]], '\ud800', 'x'.repeat(600)),
)

/** Anything, most of it nearly a program. */
const node: fc.Arbitrary<unknown> = fc.letrec<{ readonly node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    junk,
    fc.constantFrom(
      ['path', 'a'],
      ['path', 'a', '__proto__'],
      ['item'],
      ['item', 'constructor'],
      ['lit', 1],
      ['lit', 'a'],
    ),
    fc.tuple(fc.constantFrom(...OPS), fc.array(tie('node'), { maxLength: 4 })).map(([op, parts]) => [op, ...parts]),
    fc
      .tuple(fc.constantFrom(...FUNCTIONS.keys()), fc.array(tie('node'), { minLength: 1, maxLength: 3 }))
      .map(([name, parts]) => ['call', name, ...parts]),
    fc
      .tuple(fc.constantFrom(...NAMES), tie('node'), fc.array(tie('node'), { maxLength: 2 }))
      .map(([name, over, filters]) => ['steps', ['record'], ['name', name, ...filters], ['map', over]]),
    fc.tuple(tie('node'), tie('node')).map(([one, other]) => ['filter', one, other]),
    fc.tuple(tie('node'), tie('node')).map(([one, other]) => ['concat', one, other]),
  ),
})).node

const TEXT = 'a"\\b'.repeat(100)
const LIST = Array.from({ length: 256 }, (_, index) => ({ a: index, b: [index, TEXT] }))
const RECORD: Fields = {
  a: LIST,
  b: TEXT,
  body: { a: [LIST, LIST], ['__proto__']: { polluted: true }, constructor: { prototype: 1 } },
}

/** What must never be seen: something that only a prototype has. */
function holdsForeign(value: unknown, depth = 0): boolean {
  if (typeof value === 'function' || value === Object.prototype || value === Array.prototype) return true
  if (typeof value !== 'object' || value === null || depth > 6) return false
  return Object.values(value).some((inner) => holdsForeign(inner, depth + 1))
}

describe('a program from an untrusted place', () => {
  it(`never throws, hangs or reads a prototype, for ${RUNS} programs, seed ${SEED}`, { timeout: 300_000 }, () => {
    let usable = 0
    let slowestMs = 0
    fc.assert(
      fc.property(node, fc.constantFrom(1, 1, 1, 1, 2, '1', null), (root, version) => {
        const program: unknown = { version, root }
        const prepared = prepareExpression(program, ANY_LIST)
        clauseSource(root)
        if (!prepared.ok) {
          expect(prepared.problem.message).toMatch(/\.$/)
          return
        }
        usable += 1
        const started = performance.now()
        for (const record of [RECORD, LIST, 'a', null, undefined]) {
          const answer = prepared.expression.evaluate(record)
          expect(answer.ok && holdsForeign(answer.value)).toBe(false)
          expect(typeof prepared.expression.holds(record)).toBe('boolean')
        }
        new Trace({ record: RECORD, lists: ANY_LIST }).explain(program)
        slowestMs = Math.max(slowestMs, performance.now() - started)
      }),
      { numRuns: RUNS, seed: SEED },
    )
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    expect(usable).toBeGreaterThan(RUNS / 20)
    expect(slowestMs).toBeLessThan(5_000)
  })

  const all = (...filters: readonly unknown[]) => ['steps', ['record'], ['name', 'a', ...filters]]
  let nested: unknown = ['lit', true]
  for (let depth = 0; depth < 12; depth++) nested = all(nested)
  let doubled: unknown = ['path', 'b']
  for (let depth = 0; depth < 28; depth++) doubled = ['call', 'string', ['list', doubled]]
  let joined: unknown = ['path', 'b']
  for (let depth = 0; depth < 30; depth++) joined = ['steps', joined, ['map', ['concat', ['item'], ['item']]]]
  const hostile: readonly (readonly [says: string, root: unknown])[] = [
    ['selections within selections', nested],
    ['text that doubles as it is written as JSON', doubled],
    ['text joined to itself', joined],
    ['a range of ranges', ['list', ['range', ['lit', 0], ['lit', 9_999_999]]]],
    [
      'lists of everything, twice over',
      ['steps', all(), ['map', ['list', ['path', 'a'], ['path', 'a']]], ['map', ['path', 'a']]],
    ],
    [
      'a pattern tried on a text for each item',
      all(['test', ['path', 'b'], '(a|b)*c$', ''], all(['test', ['path', 'b'], '(a|b)*d$', ''])),
    ],
  ]
  for (const [says, root] of hostile) {
    it(`ends soon, with an error, where it makes too much: ${says}`, () => {
      const prepared = prepareExpression({ version: 1, root })
      if (!prepared.ok) throw new Error(prepared.problem.message)
      const started = performance.now()
      expect(prepared.expression.evaluate(RECORD)).toEqual({ ok: false, code: 'E1003' })
      expect(performance.now() - started).toBeLessThan(2_000)
    })
  }

  it('is refused where it is larger than its budget', () => {
    let deep: unknown = ['lit', true]
    for (let depth = 0; depth < 100_000; depth++) deep = ['block', deep]
    const wide = ['or', ...Array.from({ length: 5_000 }, () => ['lit', true])]
    for (const root of [deep, wide, all(...Array.from({ length: 5_000 }, () => ['lit', 'a']))]) {
      expect(prepareExpression({ version: 1, root })).toMatchObject({
        ok: false,
        problem: { code: 'program_too_large' },
      })
    }
  })
})
