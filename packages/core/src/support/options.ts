import { EsperError } from './errors.js'

/** How one option is checked: what is accepted, in words, and whether a value is. */
export interface OptionRule<T> {
  /** Continues "must be …". */
  readonly accepts: string
  /** The value as it is used, or undefined when it is refused. */
  read(value: unknown): T | undefined
}
export type OptionRules<T> = { readonly [K in keyof T]-?: OptionRule<Exclude<T[K], undefined>> }

/** A whole number within bounds; a numeric string, as environment variables have it, is one too. */
export function integer(range: { readonly min: number; readonly max: number }): OptionRule<number> {
  const read = (value: unknown) => {
    const number = typeof value === 'string' && /^-?[0-9]{1,15}$/.test(value) ? Number(value) : value
    return typeof number === 'number' && Number.isInteger(number) && number >= range.min && number <= range.max
      ? number
      : undefined
  }
  return { accepts: `a whole number from ${range.min} to ${range.max}`, read }
}

/** One of a closed list of words. */
export function oneOf<const T extends string>(words: readonly T[]): OptionRule<T> {
  const accepts = words.map((word) => `"${word}"`).join(' or ')
  return { accepts, read: (value) => words.find((word) => word === value) }
}

/** A text that a pattern accepts; `accepts` says in words what that is. */
export function text(accepts: string, pattern: RegExp): OptionRule<string> {
  return { accepts, read: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined) }
}

const FLAG_WORDS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
  ['', false],
])

/** true or false; also `1`, `0`, `true` and `false` as environment variables have them. */
export function flag(): OptionRule<boolean> {
  return { accepts: 'true or false', read: (value) => FLAG_WORDS.get(value) }
}

/** Anything that `test` lets through. */
export function checked<T>(accepts: string, test: (value: unknown) => value is T): OptionRule<T> {
  return { accepts, read: (value) => (test(value) ? value : undefined) }
}

function readOption<T>(name: string, rule: OptionRule<T>, value: unknown): T | undefined {
  if (value === undefined) return undefined
  const read = rule.read(value)
  if (read !== undefined) return read
  // The value itself is left out: it may be a secret.
  throw new EsperError('invalid_option', `The option "${name}" must be ${rule.accepts}.`)
}

/**
 * Checks options against a table of rules. What is absent or undefined stays absent; values are never echoed.
 * @throws EsperError `invalid_option`, naming the option and what it accepts; also for a name that the table lacks
 */
export function readOptions<T extends object>(given: unknown, rules: OptionRules<T>): Partial<T> {
  if (typeof given !== 'object' || given === null) {
    throw new EsperError('invalid_option', 'The options must be an object.')
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(rules, name)) continue
    const known = Object.keys(rules).sort().join(', ')
    throw new EsperError('invalid_option', `There is no option "${name}". Known options: ${known}.`)
  }
  const values: Partial<T> = {}
  for (const name in rules) {
    const value = readOption(name, rules[name], Reflect.get(given, name))
    if (value !== undefined) values[name] = value
  }
  return values
}
