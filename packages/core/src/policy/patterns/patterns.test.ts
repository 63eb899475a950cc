import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { prepareExpression } from '../expression/expression.js'
import { program } from '../testing/build-policy-set.js'
import { parsePattern } from './pattern-parse.js'
import { re2Source, re2Text } from './pattern-re2.js'
import { preparePattern } from './patterns.js'

const SEED = Number(process.env.ESPER_FUZZ_SEED ?? 20_261_123)
const RUNS = Number(process.env.ESPER_FUZZ_PATTERNS ?? 800)

function test(source: string, flags: string, text: string): boolean | string {
  const pattern = preparePattern(source, flags)
  return pattern.ok ? pattern.test(text) : pattern.reason
}

const escaped = (unit: string): string => unit.replace(/[/-]/, '\\$&')

const LETTERS = [
  'a',
  'b',
  'K',
  'k',
  's',
  '\u017f',
  '\u212a',
  ' ',
  '\u00a0',
  '\n',
  '-',
  '_',
  '5',
  'é',
  'É',
  'ß',
  '😀',
  '\ud800',
  'ı',
  'İ',
] as const
const ATOMS = [
  'a',
  'b',
  'k',
  's',
  '.',
  '\\s',
  '\\S',
  '\\w',
  '\\W',
  '\\d',
  '[a-c]',
  '[^a]',
  '[\\s5]',
  '[^\\w]',
  '😀',
  'é',
  '\\u017f',
  '[K-k]',
  '[^]',
] as const

const node: fc.Arbitrary<string> = fc.letrec<{ readonly pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...ATOMS),
    fc.tuple(tie('pattern'), tie('pattern')).map(([one, other]) => one + other),
    fc.tuple(tie('pattern'), tie('pattern')).map(([one, other]) => `(?:${one}|${other})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '*?'))
      .map(([one, times]) => `(${one})${times}`),
    tie('pattern').map((one) => `^${one}`),
    tie('pattern').map((one) => `${one}$`),
    tie('pattern').map((one) => `\\b${one}\\B`),
  ),
})).pattern

describe('patterns', () => {
  it('mean on RE2 what they mean in JavaScript', { timeout: 600_000 }, () => {
    const text = fc.array(fc.constantFrom(...LETTERS), { maxLength: 8 }).map((letters) => letters.join(''))
    fc.assert(
      fc.property(
        node,
        fc.constantFrom('', 'i'),
        fc.array(text, { minLength: 8, maxLength: 8 }),
        (source, flags, texts) => {
          const native = new RegExp(source, flags)
          const re2 = RE2JS.compile(re2Source(parsePattern(source, flags === 'i')))
          for (const one of texts)
            expect([source, flags, one, re2.test(re2Text(one))]).toEqual([source, flags, one, native.test(one)])
        },
      ),
      { numRuns: RUNS, seed: SEED },
    )
  })

  const meanings: readonly [source: string, flags: string, text: string, answer: boolean][] = [
    ['^k$', 'i', '\u212a', false],
    ['^s$', 'i', '\u017f', false],
    ['^(k+)+$', 'i', '\u212a', false],
    ['^\\s$', '', '\u00a0', true],
    ['^(\\s+)+$', '', '\u00a0\ufeff', true],
    ['^.$', '', '😀', false],
    ['^(..)+$', '', '😀', true],
    ['^(.+)+$', '', '\u2028', false],
    ['\\bé', '', 'aé', true],
    ['(a|b)*\\bé', '', 'aé', true],
  ]
  for (const [source, flags, text, answer] of meanings) {
    it(`/${source}/${flags} on ${JSON.stringify(text)} is ${answer}`, () => {
      expect(test(source, flags, text)).toBe(answer)
      expect(new RegExp(source, flags).test(text)).toBe(answer)
    })
  }

  it(`a pattern that is a text means what it does as a pattern, seed ${SEED}`, () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '/', '-', '\ud800', '\n', '\u212a'), { maxLength: 4 })
    fc.assert(
      fc.property(letters, fc.boolean(), fc.boolean(), fc.array(letters), (sought, atStart, atEnd, texts) => {
        fc.pre(sought.length > 0)
        const source = `${atStart ? '^' : ''}${sought.map(escaped).join('')}${atEnd ? '$' : ''}`
        const pattern = preparePattern(source, '')
        expect(pattern).toMatchObject({ ok: true, literal: { text: sought.join(''), atStart, atEnd } })
        const prepared = prepareExpression(program('test', ['path', 'text'], source, ''))
        if (!prepared.ok) throw new Error(prepared.problem.message)
        for (const text of [...texts, sought, [...sought, 'a'], ['a', ...sought]].map((units) => units.join(''))) {
          expect(prepared.expression.holds({ text })).toBe(new RegExp(source).test(text))
        }
        expect(prepared.expression.evaluate({ text: 1 })).toEqual({ ok: false, code: 'T0410' })
        expect(prepared.expression.evaluate({})).toEqual({ ok: true, value: undefined })
      }),
      { seed: SEED },
    )
  })

  const refused = [
    '(?=a)',
    '(?!a)',
    '(?<=a)b',
    '(?<!a)b',
    '(a)\\1',
    '(?<n>a)\\k<n>',
    '(a{1,1000}){1,1000}',
    '.*a.{0,400}[cd]',
    '(?:(?:ab){8}|c){9}*x',
    'a{2000}',
    '\\cA',
    '(',
    'a**',
    '[b-a]',
    'x'.repeat(513),
    '^a{1,2',
  ]
  for (const source of refused) {
    it(`refuses /${source.slice(0, 24)}/ and says why`, () => {
      expect(preparePattern(source, '')).toMatchObject({ ok: false, reason: expect.stringMatching(/\.$/) })
    })
  }

  it('runs on the native engine only what is sure to be linear', () => {
    const engine = (source: string) => {
      const pattern = preparePattern(source, '')
      return pattern.ok ? pattern.engine : pattern.reason
    }
    const native = [
      '^\\/login',
      'bot|crawl|spider',
      '^/api/.*/edit',
      'curl/\\d+',
      '\\d{1,3}\\.\\d{1,3}',
      '^Mozilla/5\\.0 .*Chrome',
      'x*',
    ]
    expect(native.map(engine)).toEqual(native.map(() => 'native'))
    const slow = ['(a+)+$', '\\s+$', '^.*a.*b', 'a*b', '(?:a|ab)+c', '(a?){30}b']
    expect(slow.map(engine)).toEqual(slow.map(() => 're2'))
  })

  it('takes time linear in the text, on patterns and texts made to hurt', { timeout: 60_000 }, () => {
    const hostile: readonly [source: string, text: string, answer: boolean][] = [
      ['^(a+)+$', `${'a'.repeat(8_191)}!`, false],
      ['\\s+$', `${' '.repeat(8_191)}x`, false],
      ['(a|a)*b', 'a'.repeat(8_192), false],
      ['^.*a.*b.*c$', 'ab'.repeat(4_096), false],
      ['^.*(a|b|c|ab)$', 'abc'.repeat(2_730), true],
    ]
    for (const [source, text, answer] of hostile) {
      const started = performance.now()
      expect(test(source, '', text)).toBe(answer)
      expect(performance.now() - started).toBeLessThan(5_000)
    }
  })
})
