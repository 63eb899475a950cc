import type { Condition, Evaluate } from './frame.js'
import { Failure, failure } from './semantics.js'

const T2001 = failure('T2001')
const T2002 = failure('T2002')
const D1001 = failure('D1001')
const D1002 = failure('D1002')

export type Arithmetic = 'add' | 'sub' | 'mul' | 'div' | 'mod'

const ARITHMETIC: Readonly<Record<Arithmetic, (one: number, other: number) => number>> = {
  add: (one, other) => one + other,
  sub: (one, other) => one - other,
  mul: (one, other) => one * other,
  div: (one, other) => one / other,
  mod: (one, other) => one % other,
}

/** `+ - * / %`: numbers only; missing gives missing. */
export function calculate(left: Evaluate, right: Evaluate, operation: Arithmetic): Evaluate {
  const apply = ARITHMETIC[operation]
  return (input, frame) => {
    const one = left(input, frame)
    if (one instanceof Failure) return one
    const other = right(input, frame)
    if (other instanceof Failure) return other
    const wrong = notNumber(one, T2001) ?? notNumber(other, T2002)
    if (wrong !== undefined) return wrong
    return typeof one === 'number' && typeof other === 'number' ? apply(one, other) : undefined
  }
}

function notNumber(value: unknown, code: Failure): Failure | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || Number.isNaN(value)) return code
  return Number.isFinite(value) ? undefined : D1001
}

/** Unary minus. */
export function negate(operand: Evaluate): Evaluate {
  return (input, frame) => {
    const value = operand(input, frame)
    if (value === undefined || value instanceof Failure) return value
    const wrong = notNumber(value, D1002)
    return wrong ?? (typeof value === 'number' ? -value : D1002)
  }
}

/** `condition ? then : otherwise`; missing without an `otherwise`. */
export function choose(condition: Condition, then: Evaluate, otherwise: Evaluate | undefined): Evaluate {
  return (input, frame) => {
    const answer = condition(input, frame)
    if (answer === true) return then(input, frame)
    return answer instanceof Failure ? answer : otherwise?.(input, frame)
  }
}

/** A list literal: missing items are left out, lists are joined, only a literal inside a literal stays a list. */
export function listOf(items: readonly { readonly evaluate: Evaluate; readonly isLiteralList: boolean }[]): Evaluate {
  return (input, frame) => {
    const values: unknown[] = []
    for (const item of items) {
      const value = item.evaluate(input, frame)
      if (value instanceof Failure) return value
      if (value === undefined) continue
      if (Array.isArray(value) && !item.isLiteralList) for (const inner of value) values.push(inner)
      else values.push(value)
    }
    return values
  }
}
