import { base64Decoded } from './base64.js'
import { cidr } from './cidr.js'
import { distinct, keysOf } from './collections.js'
import { Failure, failure, truthy } from './semantics.js'
import { parseSignature, type Signature } from './signature.js'
import { textOf } from './text.js'

/** A function tenants may call. `run` gets arguments that the signature has let through. */
export interface FunctionDefinition {
  readonly name: string
  readonly signature: Signature
  readonly leastArguments: number
  readonly mostArguments: number
  /** Whether what it gives may be larger than what it is given. */
  readonly grows: boolean
  readonly run: (args: readonly unknown[]) => unknown
}

type Run = FunctionDefinition['run']

/** Runs over text; missing text gives missing. */
function onText(run: (text: string, args: readonly unknown[]) => unknown): Run {
  return (args) => (typeof args[0] === 'string' ? run(args[0], args) : undefined)
}

function onNumber(run: (value: number, args: readonly unknown[]) => unknown): Run {
  return (args) => (typeof args[0] === 'number' ? run(args[0], args) : undefined)
}

function onNumbers(run: (values: readonly number[]) => unknown): Run {
  return (args) => {
    const [list] = args
    return Array.isArray(list) ? run(list.filter((item) => typeof item === 'number')) : undefined
  }
}

const numberOr = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

function substring(text: string, [, from, count]: readonly unknown[]): string {
  const letters = [...text]
  let start = numberOr(from)
  const length = numberOr(count)
  if (start !== undefined && letters.length + start < 0) start = 0
  if (length === undefined) return letters.slice(start).join('')
  if (length <= 0) return ''
  const begin = start ?? Number.NaN
  return letters.slice(start, begin >= 0 ? begin + length : letters.length + begin + length).join('')
}

function before(text: string, [, mark]: readonly unknown[]): string {
  const at = text.indexOf(String(mark))
  return at > -1 ? text.slice(0, at) : text
}

function after(text: string, [, mark]: readonly unknown[]): string {
  const sought = String(mark)
  const at = text.indexOf(sought)
  return at > -1 ? text.slice(at + sought.length) : text
}

function trim(text: string): string {
  return text
    .replace(/[ \t\n\r]+/g, ' ')
    .replace(/^ /, '')
    .replace(/ $/, '')
}

const DECIMAL = /^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/
// As jsonata has it: the anchors belong to the first and last choice only.
const RADIX = /^(0[xX][0-9A-Fa-f]+)|(0[oO][0-7]+)|(0[bB][0-1]+)$/

function toNumber([value]: readonly unknown[]): unknown {
  if (value === undefined || typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string') return failure('D3030')
  if (DECIMAL.test(value) && Number.isFinite(Number(value))) return Number.parseFloat(value)
  return RADIX.test(value) ? Number(value) : failure('D3030')
}

function shift(value: number, places: number): number {
  const [digits = '', exponent] = value.toString().split('e')
  return Number(`${digits}e${exponent === undefined ? places : Number(exponent) + places}`)
}

/** Half to even, as XPath rounds. */
function round(value: number, [, precision]: readonly unknown[]): number {
  const places = numberOr(precision) ?? 0
  const shifted = places === 0 ? value : shift(value, places)
  let rounded = Math.round(shifted)
  if (Math.abs(rounded - shifted) === 0.5 && Math.abs(rounded % 2) === 1) rounded -= 1
  if (places !== 0) rounded = shift(rounded, -places)
  return Object.is(rounded, -0) ? 0 : rounded
}

function power(base: number, [, exponent]: readonly unknown[]): unknown {
  const result = base ** (numberOr(exponent) ?? Number.NaN)
  return Number.isFinite(result) ? result : failure('D3061')
}

function typeName([value]: readonly unknown[]): unknown {
  if (value === undefined) return undefined
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (value === Infinity || value === -Infinity) return failure('D1001')
  return Number.isNaN(value) ? 'object' : typeof value
}

function contains(text: string, [, sought]: readonly unknown[]): unknown {
  return typeof sought === 'string' ? text.includes(sought) : undefined
}

function split(text: string, [, separator, limit]: readonly unknown[]): unknown {
  const most = numberOr(limit)
  if (most !== undefined && most < 0) return failure('D3020')
  if (most !== undefined && !(most > 0)) return []
  return typeof separator === 'string' ? text.split(separator, most) : failure('T0410')
}

function not([value]: readonly unknown[]): unknown {
  if (value === undefined) return undefined
  const answer = truthy(value)
  return answer instanceof Failure ? answer : !answer
}

const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const leastOf = (values: readonly number[]): unknown =>
  values.length === 0 ? undefined : values.reduce((one, other) => Math.min(one, other))
const mostOf = (values: readonly number[]): unknown =>
  values.length === 0 ? undefined : values.reduce((one, other) => Math.max(one, other))
const meanOf = (values: readonly number[]): unknown => (values.length === 0 ? undefined : sumOf(values) / values.length)

function escaped(text: string, convert: (text: string) => string): unknown {
  try {
    return convert(text)
  } catch {
    return failure('D3140')
  }
}

function squareRoot(value: number): unknown {
  return value < 0 ? failure('D3060') : Math.sqrt(value)
}

function string([value, prettify]: readonly unknown[]): unknown {
  return textOf(value, prettify === true ? 2 : 0)
}

const GROWING: ReadonlySet<string> = new Set(['encodeUrl', 'encodeUrlComponent', 'keys', 'split', 'string'])

const TABLE: readonly (readonly [name: string, signature: string, least: number, most: number, run: Run])[] = [
  ['abs', '<n-:n>', 1, 1, onNumber(Math.abs)],
  ['average', '<a<n>:n>', 1, 1, onNumbers(meanOf)],
  ['base64decode', '<s-:s>', 1, 1, onText(base64Decoded)],
  ['boolean', '<x-:b>', 1, 1, ([value]) => (value === undefined ? undefined : truthy(value))],
  ['ceil', '<n-:n>', 1, 1, onNumber(Math.ceil)],
  ['cidr', '<s(sa):b>', 2, 2, cidr],
  ['contains', '<s-(sf):b>', 2, 2, onText(contains)],
  ['count', '<a:n>', 1, 1, ([list]) => (Array.isArray(list) ? list.length : 0)],
  ['decodeUrl', '<s-:s>', 1, 1, onText((text) => escaped(text, decodeURI))],
  ['decodeUrlComponent', '<s-:s>', 1, 1, onText((text) => escaped(text, decodeURIComponent))],
  ['distinct', '<x:x>', 1, 1, ([list]) => (Array.isArray(list) ? distinct(list) : list)],
  ['encodeUrl', '<s-:s>', 1, 1, onText((text) => escaped(text, encodeURI))],
  ['encodeUrlComponent', '<s-:s>', 1, 1, onText((text) => escaped(text, encodeURIComponent))],
  ['exists', '<x:b>', 1, 1, ([value]) => value !== undefined],
  ['floor', '<n-:n>', 1, 1, onNumber(Math.floor)],
  ['keys', '<x-:a<s>>', 1, 1, ([value]) => keysOf(value)],
  ['length', '<s-:n>', 1, 1, onText((text) => [...text].length)],
  ['lowercase', '<s-:s>', 1, 1, onText((text) => text.toLowerCase())],
  ['max', '<a<n>:n>', 1, 1, onNumbers(mostOf)],
  ['min', '<a<n>:n>', 1, 1, onNumbers(leastOf)],
  ['not', '<x-:b>', 1, 1, not],
  ['number', '<(nsb)-:n>', 1, 1, toNumber],
  ['power', '<n-n:n>', 2, 2, onNumber(power)],
  ['round', '<n-n?:n>', 1, 2, onNumber(round)],
  ['split', '<s-(sf)n?:a<s>>', 2, 3, onText(split)],
  ['sqrt', '<n-:n>', 1, 1, onNumber(squareRoot)],
  ['string', '<x-b?:s>', 1, 2, string],
  ['substring', '<s-nn?:s>', 2, 3, onText(substring)],
  ['substringAfter', '<s-s:s>', 2, 2, onText(after)],
  ['substringBefore', '<s-s:s>', 2, 2, onText(before)],
  ['sum', '<a<n>:n>', 1, 1, onNumbers(sumOf)],
  ['trim', '<s-:s>', 1, 1, onText(trim)],
  ['type', '<x:s>', 1, 1, typeName],
  ['uppercase', '<s-:s>', 1, 1, onText((text) => text.toUpperCase())],
]

/** Every function of the language, by its name without `$`. */
export const FUNCTIONS: ReadonlyMap<string, FunctionDefinition> = new Map(
  TABLE.map(([name, signature, leastArguments, mostArguments, run]) => [
    name,
    { name, signature: parseSignature(signature), leastArguments, mostArguments, grows: GROWING.has(name), run },
  ]),
)
