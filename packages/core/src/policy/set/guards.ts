import { patternPrefixes } from '../patterns/pattern-prefix.js'
import { requiredTexts } from '../patterns/pattern-required.js'

export type Scalar = string | number | boolean

/**
 * Something that can be looked up of a field: it is a value, it is or holds a value, it is text that begins so, or it is
 * text with another in it.
 */
export interface GuardKey {
  readonly kind: 'equals' | 'holds' | 'begins' | 'contains' | 'contains-any-case'
  readonly path: readonly string[]
  readonly value: Scalar
}

/** What must be so for an expression to be true: one of these keys at least. */
export type Guard = readonly GuardKey[]

/** The scalar that an instruction is, if it is one. */
export function scalarOf(node: unknown): Scalar | undefined {
  if (!Array.isArray(node) || node[0] !== 'lit') return undefined
  const value: unknown = node[1]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}

/**
 * The guards of a checked program: each must be met by an event for which it is true, so that any one of them tells
 * events apart that need not be looked at. None when nothing of the kind can be said.
 */
export function guardsOf(node: unknown): readonly Guard[] {
  if (!Array.isArray(node)) return []
  const [op, ...operands]: readonly unknown[] = node
  switch (op) {
    case 'and':
      return operands.flatMap(guardsOf)
    case 'or':
      return guardsOfChoice(operands)
    case 'block':
      return guardsOf(operands.at(-1))
    case 'eq':
      return oneGuard([
        ...keysOf('equals', operands[0], [operands[1]]),
        ...keysOf('equals', operands[1], [operands[0]]),
      ])
    case 'in':
      return guardsOfMember(operands)
    case 'test':
    case 'match':
      return guardsOfPattern(operands)
    case 'call':
      return operands[0] === 'contains' ? guardsOfText(operands) : []
    default:
      return []
  }
}

/** Rough odds that a guard lets an event pass: lower tells more events apart. */
export function guardWeight(guard: Guard): number {
  return guard.reduce((total, key) => total + keyWeight(key), 0)
}

const FEW_VALUES: ReadonlySet<string> = new Set([
  'request_method',
  'body_type',
  'trust_level',
  'source_id',
  'request_host',
])

function keyWeight({ kind, path, value }: GuardKey): number {
  if (typeof value === 'boolean' || FEW_VALUES.has(path[0] ?? '')) return 100
  if (kind === 'begins') return 1 + 50 / String(value).length ** 2
  return kind === 'equals' || kind === 'holds' ? 1 : CONTAINS_WEIGHT
}

/** The whole text has to be gone through, so that nearly any other guard is better. */
const CONTAINS_WEIGHT = 20

function oneGuard(keys: Guard): readonly Guard[] {
  return keys.length === 0 ? [] : [keys]
}

/** One of the choices is true, so one of their guards is met: the best of each. */
function guardsOfChoice(choices: readonly unknown[]): readonly Guard[] {
  const keys: GuardKey[] = []
  for (const choice of choices) {
    const [first, ...more] = guardsOf(choice)
    if (first === undefined) return []
    keys.push(...more.reduce((best, guard) => (guardWeight(guard) < guardWeight(best) ? guard : best), first))
  }
  return [keys]
}

function guardsOfMember([left, right]: readonly unknown[]): readonly Guard[] {
  if (Array.isArray(right) && right[0] === 'list') return oneGuard(keysOf('equals', left, right.slice(1)))
  return oneGuard(keysOf('holds', right, [left]))
}

function guardsOfPattern([operand, source, flags]: readonly unknown[]): readonly Guard[] {
  const prefixes = patternPrefixes(String(source), String(flags)) ?? []
  const texts = requiredTexts(String(source), String(flags)) ?? []
  return [
    ...oneGuard(prefixes.flatMap((value) => keysOf('begins', operand, [['lit', value]]))),
    ...oneGuard(
      texts.flatMap(({ text, anyCase }) =>
        keysOf(anyCase ? 'contains-any-case' : 'contains', operand, [['lit', text]]),
      ),
    ),
  ]
}

/** Of `$contains(path, "text")`, and of `$contains($lowercase(path), "text")` for ASCII text. */
function guardsOfText([, operand, sought]: readonly unknown[]): readonly Guard[] {
  const text = scalarOf(sought)
  if (typeof text !== 'string' || text === '') return []
  if (!Array.isArray(operand) || operand[0] !== 'call') return oneGuard(keysOf('contains', operand, [sought]))
  if (operand[1] !== 'lowercase' || !IS_ASCII.test(text)) return []
  return oneGuard(keysOf('contains-any-case', operand[2], [sought]))
}

const IS_ASCII = /^[\x20-\x7e]+$/

/** Keys of a path for constants; none when it is no path, or one of them is no constant. */
function keysOf(kind: GuardKey['kind'], node: unknown, constants: readonly unknown[]): Guard {
  if (!Array.isArray(node) || node[0] !== 'path') return []
  const path = node.slice(1).filter((name) => typeof name === 'string')
  const values = constants.map(scalarOf).filter((value) => value !== undefined)
  return values.length === constants.length ? values.map((value) => ({ kind, path, value })) : []
}
