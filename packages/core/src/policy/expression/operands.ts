import type { Evaluate } from './frame.js'
import { Refused } from './refused.js'

/** A list literal in a list literal stays a list, even with a selection of its own. */
export function isLiteralList(node: unknown): boolean {
  if (!Array.isArray(node)) return false
  return node[0] === 'list' || (node[0] === 'filter' && isLiteralList(node[1]))
}

/** Names and values of an object literal, which stand in turn. */
export function pairsOf(parts: readonly Evaluate[], at: string): readonly (readonly [Evaluate, Evaluate])[] {
  if (parts.length % 2 === 1) throw new Refused('program_malformed', `A name without a value at ${at}.`)
  const names = parts.filter((_, index) => index % 2 === 0)
  return names.map((name, index) => [name, required(parts[index * 2 + 1], at)])
}

/** An operand that must be there. */
export function required(evaluate: Evaluate | undefined, at: string): Evaluate {
  if (evaluate === undefined) throw new Refused('program_malformed', `An operand is missing at ${at}.`)
  return evaluate
}

/** A constant: text, a number, a boolean or null. */
export function constant([value, ...more]: readonly unknown[], at: string): Evaluate {
  const isScalar = value === null || typeof value === 'string' || typeof value === 'boolean'
  if (more.length > 0 || !(isScalar || (typeof value === 'number' && Number.isFinite(value)))) {
    throw new Refused('program_malformed', `No constant at ${at}.`)
  }
  return () => value
}
