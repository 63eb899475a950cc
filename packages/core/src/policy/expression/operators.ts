import type { Evaluate } from './frame.js'
import { equality, Failure, failure, includes, truthy } from './semantics.js'

const T2001 = failure('T2001')
const T2002 = failure('T2002')
const T2009 = failure('T2009')
const T2010 = failure('T2010')
const D1001 = failure('D1001')
const D1002 = failure('D1002')

/** `and` of two or more conditions, left to right, as far as needed. */
export function allOf(parts: readonly Evaluate[]): Evaluate {
  const [first, second] = parts
  if (parts.length === 2 && first !== undefined && second !== undefined) {
    return (frame) => {
      const answer = truthy(first(frame))
      return answer === true ? truthy(second(frame)) : answer
    }
  }
  return (frame) => {
    for (const part of parts) {
      const answer = truthy(part(frame))
      if (answer !== true) return answer
    }
    return true
  }
}

/** `or` of two or more conditions, left to right, as far as needed. */
export function anyOf(parts: readonly Evaluate[]): Evaluate {
  const [first, second] = parts
  if (parts.length === 2 && first !== undefined && second !== undefined) {
    return (frame) => {
      const answer = truthy(first(frame))
      return answer === false ? truthy(second(frame)) : answer
    }
  }
  return (frame) => {
    for (const part of parts) {
      const answer = truthy(part(frame))
      if (answer !== false) return answer
    }
    return false
  }
}

/** `=` (`wanted` true) and `!=`. */
export function compareEqual(left: Evaluate, right: Evaluate, wanted: boolean): Evaluate {
  return (frame) => {
    const one = left(frame)
    if (one instanceof Failure) return one
    const other = right(frame)
    if (other instanceof Failure) return other
    return equality(one, other, wanted)
  }
}

/** `=` and `!=` with a constant that is a string, number or boolean: what most policies are made of. */
export function compareConstant(left: Evaluate, constant: string | number | boolean, wanted: boolean): Evaluate {
  return (frame) => {
    const one = left(frame)
    if (one === constant) return wanted
    return one === undefined ? false : one instanceof Failure ? one : !wanted
  }
}

/** The same for the value of a slot, which is read without another call in between. */
export function compareSlot(slot: number, constant: string | number | boolean, wanted: boolean): Evaluate {
  return (frame) => {
    const one = frame.read(slot)
    return one === undefined ? false : (one === constant) === wanted
  }
}

/** `in` with any right side. */
export function memberOf(left: Evaluate, right: Evaluate): Evaluate {
  return (frame) => {
    const one = left(frame)
    if (one instanceof Failure) return one
    const other = right(frame)
    return other instanceof Failure ? other : includes(one, other)
  }
}

/** `in` with a list of constants. */
export function memberOfConstants(left: Evaluate, constants: readonly unknown[]): Evaluate {
  const members = new Set(constants)
  return (frame) => {
    const one = left(frame)
    return one instanceof Failure ? one : members.has(one)
  }
}

export type Order = 'lt' | 'le' | 'gt' | 'ge'

const ORDERS: Readonly<Record<Order, (sign: number) => boolean>> = {
  lt: (sign) => sign < 0,
  le: (sign) => sign <= 0,
  gt: (sign) => sign > 0,
  ge: (sign) => sign >= 0,
}

/** `<`, `<=`, `>` and `>=`: numbers with numbers, text with text; missing gives missing. */
export function compareOrder(left: Evaluate, right: Evaluate, order: Order): Evaluate {
  const holds = ORDERS[order]
  return (frame) => {
    const one = left(frame)
    if (one instanceof Failure) return one
    const other = right(frame)
    if (typeof one === 'number' && typeof other === 'number')
      return holds(one < other ? -1 : one > other ? 1 : one === other ? 0 : Number.NaN)
    if (typeof one === 'string' && typeof other === 'string') return holds(one < other ? -1 : one > other ? 1 : 0)
    if (other instanceof Failure) return other
    if (!isComparable(one) || !isComparable(other)) return T2010
    return one === undefined || other === undefined ? undefined : T2009
  }
}

function isComparable(value: unknown): boolean {
  return value === undefined || typeof value === 'string' || typeof value === 'number'
}

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
  return (frame) => {
    const one = left(frame)
    if (one instanceof Failure) return one
    const other = right(frame)
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
  return (frame) => {
    const value = operand(frame)
    if (value === undefined || value instanceof Failure) return value
    const wrong = notNumber(value, D1002)
    return wrong ?? (typeof value === 'number' ? -value : D1002)
  }
}

/** `condition ? then : otherwise`; missing without an `otherwise`. */
export function choose(condition: Evaluate, then: Evaluate, otherwise: Evaluate | undefined): Evaluate {
  return (frame) => {
    const answer = truthy(condition(frame))
    if (answer === true) return then(frame)
    return answer === false ? otherwise?.(frame) : answer
  }
}

/** A list literal: missing items are left out, lists are joined, only a literal inside a literal stays a list. */
export function listOf(items: readonly { readonly evaluate: Evaluate; readonly isLiteralList: boolean }[]): Evaluate {
  return (frame) => {
    const values: unknown[] = []
    for (const item of items) {
      const value = item.evaluate(frame)
      if (value instanceof Failure) return value
      if (value === undefined) continue
      if (Array.isArray(value) && !item.isLiteralList) for (const inner of value) values.push(inner)
      else values.push(value)
    }
    return values
  }
}
