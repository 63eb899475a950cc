import type { Fields, FieldValue } from '@esper/core'
import fc from 'fast-check'

type Values = readonly FieldValue[]

const NAMES = ['a', 'b', 'c', 'body', 'constructor', 'toString', '__proto__', 'length', 'x-y'] as const
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
  'YS9i_w==',
  '"\\\n',
  '\ud800',
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
/** Patterns that match no empty text. */
const MATCH_PATTERNS = ['/a/', '/^\\/login/', '/[a-z]+$/i', '/(a|b)*c/', '/^(a+)+$/'] as const
const RANGES = ['"10.0.0.0/8"', '"2001:db8::/32"', '["10.0.0.9", "::/0"]', '[]', 'a', 'b.a'] as const
const COMPARISONS = ['=', '!=', '<', '<=', '>', '>=', 'in'] as const
const ARITHMETIC = ['+', '-', '*', '/', '%', '&'] as const
const PLACES = [
  '0',
  '1',
  '-1',
  '2',
  '-2',
  '0.5',
  '-1.5',
  '(0)',
  '[0, 1]',
  '[0..1]',
  '[-1, -1]',
  '"a"',
  'true',
  '[]',
] as const
const ONE_ARGUMENT = [
  ...['exists', 'not', 'boolean', 'lowercase', 'uppercase', 'count', 'length', 'trim', 'string', 'number', 'keys'],
  ...['abs', 'floor', 'ceil', 'round', 'sqrt', 'sum', 'max', 'min', 'average', 'type'],
  ...['decodeUrl', 'decodeUrlComponent', 'encodeUrl', 'encodeUrlComponent', 'base64decode'],
]
const TWO_ARGUMENTS = ['contains', 'substring', 'substringBefore', 'substringAfter', 'power', 'round', 'split'] as const

/** Random expressions of the language and records to try them on, the same for the same seed. */
export class ExpressionGenerator {
  readonly #numbers: Iterator<number>
  /** How many selections and steps are around: an object is not written out in one. */
  #within = 0

  constructor(seed: number) {
    const stream = fc.sample(fc.integer({ min: 0, max: 0x7fff_ffff }), { numRuns: 1, seed })[0] ?? seed
    this.#numbers = xorshift(stream | 1)
  }

  expression(depth = 0): string {
    if (depth > 3 || this.#chance(0.2)) return this.#leaf()
    return this.#pick([
      () => `${this.#operand(depth)} ${this.#pick(COMPARISONS)} ${this.#operand(depth)}`,
      () => `${this.#test(depth)} and ${this.#test(depth)}`,
      () => `${this.#test(depth)} or ${this.#test(depth)}`,
      () => `$${this.#pick(['exists', 'not', 'boolean'])}(${this.#test(depth)})`,
      () => `(${this.#test(depth)} ? ${this.#operand(depth)} : ${this.#operand(depth)})`,
      () => this.#call(depth),
      () => this.#call(depth),
      () => `${this.#operand(depth)} ${this.#pick(ARITHMETIC)} ${this.#operand(depth)}`,
      () => `${this.#leaf()} ${this.#pick(['??', '?:'])} ${this.#operand(depth)}`,
      () => this.#writtenOut(depth),
      () => `-(${this.expression(depth + 1)})`,
      () => `(${this.#operand(depth)}; ${this.expression(depth + 1)})`,
      () => this.#selection(depth),
      () => this.#selection(depth),
      () => this.#steps(depth),
    ])()
  }

  record(): Fields {
    return Object.fromEntries(NAMES.filter(() => this.#chance(0.75)).map((name) => [name, this.#value(0)]))
  }

  /** A record that is no object, as people may try one. */
  anyRecord(): FieldValue {
    if (this.#chance(0.8)) return Array.from({ length: Math.floor(this.#next() * 3) }, () => this.#value(0))
    return this.#pick(SCALARS)
  }

  #call(depth: number): string {
    return this.#pick([
      () => `$${this.#pick(ONE_ARGUMENT)}(${this.expression(depth + 1)})`,
      () => `$${this.#pick(ONE_ARGUMENT)}(${this.expression(depth + 1)})`,
      () => `$${this.#pick(TWO_ARGUMENTS)}(${this.#operand(depth)}, ${this.#operand(depth)})`,
      () => `$contains(${this.#operand(depth)}, ${this.#pick(PATTERNS)})`,
      () => `$cidr(${this.#operand(depth)}, ${this.#pick(RANGES)})`,
      () => `$substring(${this.#operand(depth)}, ${this.#operand(depth)}, ${this.#leaf()})`,
      () => `$split(${this.#operand(depth)}, ${this.#leaf()}, ${this.#leaf()})`,
      () => `$string(${this.#operand(depth)}, ${this.#pick(['true', 'false', this.#leaf()])})`,
      () => `$count($distinct(${this.#operand(depth)}))`,
    ])()
  }

  /** What is only asked whether it holds. */
  #test(depth: number): string {
    return this.#chance(0.1)
      ? `$match(${this.#operand(depth)}, ${this.#pick(MATCH_PATTERNS)})`
      : `(${this.expression(depth + 1)})`
  }

  /** A list or object, in which one part at most may err: jsonata evaluates them at once, and which error it reports is a matter of timing. */
  #writtenOut(depth: number): string {
    if (this.#within > 0 || this.#chance(0.6)) {
      const range = `${this.#pick(['0', '1', '-1', '3', this.#leaf()])}..${this.#pick(['1', '2', '0'])}`
      return `[${this.#operand(depth)}, ${this.#chance(0.2) ? (this.#chance(0.5) ? '1..3' : '2..2') : this.#leaf()}]${this.#chance(0.1) ? ` = [${range}]` : ''}`
    }
    return `{${this.#pick(['"a"', 'a', '"1"', 'b & ""'])}: ${this.#operand(depth)}, "b": ${this.#leaf()}}`
  }

  #selection(depth: number): string {
    const selected = this.#pick([
      () => this.#path(),
      () => this.#path(),
      () => `(${this.expression(depth + 1)})`,
      () => `[${this.#leaf()}, ${this.#leaf()}]`,
      () => this.#call(depth),
      () => this.#literal(),
    ])()
    const selection = `${selected}${this.#selections(depth)}`
    return this.#chance(0.3) && !/^[[\d"-]|^(true|false|null)$/.test(selected)
      ? `${selection}.${this.#name()}${this.#chance(0.3) ? this.#selections(depth) : ''}`
      : selection
  }

  #selections(depth: number): string {
    const one = () => (this.#chance(0.5) ? `[${this.#pick(PLACES)}]` : `[${this.#inside(() => this.#test(depth + 1))}]`)
    return this.#chance(0.2) ? one() + one() : one()
  }

  #steps(depth: number): string {
    const start = this.#chance(0.7) ? this.#path() : `(${this.expression(depth + 1)})`
    const step = this.#inside(() =>
      this.#pick([
        () => `(${this.expression(depth + 1)})`,
        () => this.#call(depth + 1),
        () => '$',
        () => this.#name(),
      ])(),
    )
    const more = this.#chance(0.3) ? `.${this.#name()}` : ''
    return `${start}.${step}${this.#chance(0.2) ? this.#selections(depth) : ''}${more}`
  }

  #inside(make: () => string): string {
    this.#within += 1
    const made = make()
    this.#within -= 1
    return made
  }

  #operand(depth: number): string {
    return this.#chance(0.6) ? this.#leaf() : `(${this.expression(depth + 1)})`
  }

  #leaf(): string {
    if (this.#within > 0 && this.#chance(0.25)) return '$'
    if (this.#chance(0.65)) return this.#path()
    if (this.#chance(0.2)) return `[${[this.#literal(), this.#literal()].join(', ')}]`
    return this.#literal()
  }

  #literal(): string {
    return JSON.stringify(this.#pick(SCALARS)).replace('1e+21', '1e21')
  }

  #name(): string {
    const name = this.#pick(NAMES)
    return name === 'x-y' ? '`x-y`' : name
  }

  #path(): string {
    const names = Array.from({ length: 1 + Math.floor(this.#next() * 3) }, () => this.#name())
    const root = this.#chance(0.1) ? '$.' : this.#chance(0.1) ? '$$.' : ''
    return root + names.join('.')
  }

  #value(depth: number): FieldValue {
    const chance = this.#next()
    if (depth > 3 || chance < 0.4) return this.#pick(SCALARS)
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
