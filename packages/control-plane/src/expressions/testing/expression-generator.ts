import type { Fields, FieldValue } from '@esper/core'
import fc from 'fast-check'

type Values = readonly FieldValue[]

const NAMES = ['a', 'b', 'c', 'body', 'constructor', 'toString', 'x-y'] as const
const TEXTS = [
  '',
  'a',
  'A',
  'login',
  '/login/1',
  'é',
  'é',
  '😀',
  '%2Fa',
  '%',
  '10.0.0.9',
  '::ffff:10.0.0.9',
  '2001:db8::1',
  '5',
  '-1.5',
  '0x1F',
  ' a  b ',
  'constructor',
] as const
const NUMBERS = [0, 1, -1, 2, 5, 0.5, 1.5, 2.5, -2.5, 100, 1e21, 0.1] as const
const SCALARS: Values = [...TEXTS, ...NUMBERS, true, false, null]
const PATTERNS = [
  '/a/',
  '/^\\/login/',
  '/[a-z]+$/i',
  '/^.$/',
  '/\\s\\S/',
  '/(a|b)*c/',
  '/\\bb\\b/',
  '/^(a+)+$/',
] as const
const RANGES = ['"10.0.0.0/8"', '"2001:db8::/32"', '["10.0.0.9", "::/0"]', '[]', 'a', 'b.a'] as const
const COMPARISONS = ['=', '!=', '<', '<=', '>', '>=', 'in'] as const
const ARITHMETIC = ['+', '-', '*', '/', '%', '&'] as const
const ONE_ARGUMENT = [
  ...['exists', 'not', 'boolean', 'lowercase', 'uppercase', 'count', 'length', 'trim', 'string', 'number'],
  ...['abs', 'floor', 'ceil', 'round', 'sqrt', 'sum', 'max', 'min', 'average', 'type'],
  ...['decodeUrl', 'decodeUrlComponent'],
]
const TWO_ARGUMENTS = ['contains', 'substring', 'substringBefore', 'substringAfter', 'power', 'round', 'split'] as const

/** Random expressions of the language and records to try them on, the same for the same seed. */
export class ExpressionGenerator {
  readonly #numbers: Iterator<number>

  constructor(seed: number) {
    const stream = fc.sample(fc.integer({ min: 0, max: 0x7fff_ffff }), { numRuns: 1, seed })[0] ?? seed
    this.#numbers = xorshift(stream | 1)
  }

  expression(depth = 0): string {
    if (depth > 3 || this.#chance(0.25)) return this.#leaf()
    return this.#pick([
      () => `${this.#operand(depth)} ${this.#pick(COMPARISONS)} ${this.#operand(depth)}`,
      () => `(${this.expression(depth + 1)}) and (${this.expression(depth + 1)})`,
      () => `(${this.expression(depth + 1)}) or (${this.expression(depth + 1)})`,
      () => `$${this.#pick(ONE_ARGUMENT)}(${this.expression(depth + 1)})`,
      () => `$${this.#pick(TWO_ARGUMENTS)}(${this.#operand(depth)}, ${this.#operand(depth)})`,
      () => `$contains(${this.#operand(depth)}, ${this.#pick(PATTERNS)})`,
      () => `$cidr(${this.#operand(depth)}, ${this.#pick(RANGES)})`,
      () => `${this.#operand(depth)} ${this.#pick(ARITHMETIC)} ${this.#operand(depth)}`,
      () => `(${this.expression(depth + 1)} ? ${this.#operand(depth)} : ${this.#operand(depth)})`,
      () => `${this.#leaf()} ${this.#pick(['??', '?:'])} ${this.#operand(depth)}`,
      // jsonata evaluates items at once: of two that err, which error it reports is a matter of timing.
      () => `[${this.#operand(depth)}, ${this.#leaf()}]`,
      () => `-(${this.expression(depth + 1)})`,
    ])()
  }

  record(): Fields {
    return Object.fromEntries(NAMES.filter(() => this.#chance(0.75)).map((name) => [name, this.#value(0)]))
  }

  #operand(depth: number): string {
    return this.#chance(0.6) ? this.#leaf() : `(${this.expression(depth + 1)})`
  }

  #leaf(): string {
    if (this.#chance(0.65)) return this.#path()
    if (this.#chance(0.2)) return `[${[this.#literal(), this.#literal()].join(', ')}]`
    return this.#literal()
  }

  #literal(): string {
    return JSON.stringify(this.#pick(SCALARS)).replace('1e+21', '1e21')
  }

  #path(): string {
    const names = Array.from({ length: 1 + Math.floor(this.#next() * 3) }, () => this.#pick(NAMES))
    const root = this.#chance(0.1) ? '$.' : this.#chance(0.05) ? '$$.' : ''
    return root + names.map((name) => (name === 'x-y' ? '`x-y`' : name)).join('.')
  }

  #value(depth: number): FieldValue {
    const chance = this.#next()
    if (depth > 3 || chance < 0.45) return this.#pick(SCALARS)
    if (chance < 0.7) return Array.from({ length: Math.floor(this.#next() * 4) }, () => this.#value(depth + 1))
    const names = NAMES.filter(() => this.#chance(0.5))
    return Object.fromEntries(names.map((name) => [name, this.#value(depth + 1)]))
  }

  #next(): number {
    return (this.#numbers.next().value ?? 0) / 2 ** 32
  }

  #chance(share: number): boolean {
    return this.#next() < share
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#next() * items.length)]
    if (item === undefined) throw new Error('Nothing to pick from.')
    return item
  }
}

/** xorshift128 (Marsaglia 2003), 32 bits a step. */
function* xorshift(seed: number): Generator<number, number> {
  let [x, y, z, w] = [seed, 362_436_069, 521_288_629, 88_675_123]
  while (true) {
    const t = x ^ (x << 11)
    ;[x, y, z] = [y, z, w]
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8)
    yield w >>> 0
  }
}
