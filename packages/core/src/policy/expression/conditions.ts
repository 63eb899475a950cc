import type { Condition, Evaluate } from './frame.js'
import { equality, Failure, failure, includes, truthy } from './semantics.js'

/**
 * Conditions as closures that say true, false, missing or the error, with nothing in between: a constant is compared by
 * its type, because strings are most of what policies compare, and a call less is most of what there is to save.
 */

const T2009 = failure('T2009')
const T2010 = failure('T2010')

export type Constant = string | number | boolean

/** Whether a value counts as true; one that is missing stays missing. */
export function truthOf(evaluate: Evaluate): Condition {
  return (input, frame) => {
    const value = evaluate(input, frame)
    return value === undefined ? undefined : truthy(value)
  }
}

/** `and` of some conditions, left to right, as far as needed. */
export function allOf(first: Condition, [second, third, ...more]: readonly Condition[]): Condition {
  if (second === undefined) return first
  if (third === undefined) {
    return (input, frame) => {
      const answer = first(input, frame)
      return (answer === true ? second(input, frame) : answer) ?? false
    }
  }
  const rest = allOf(third, more)
  return (input, frame) => {
    let answer = first(input, frame)
    if (answer === true) answer = second(input, frame)
    return (answer === true ? rest(input, frame) : answer) ?? false
  }
}

/** `or` of some conditions, left to right, as far as needed. */
export function anyOf(first: Condition, [second, third, ...more]: readonly Condition[]): Condition {
  if (second === undefined) return first
  if (third === undefined) {
    return (input, frame) => {
      const answer = first(input, frame) ?? false
      return answer === false ? (second(input, frame) ?? false) : answer
    }
  }
  const rest = anyOf(third, more)
  return (input, frame) => {
    let answer = first(input, frame) ?? false
    if (answer === false) answer = second(input, frame) ?? false
    return answer === false ? (rest(input, frame) ?? false) : answer
  }
}

/** `$not` of a condition. */
export function noneOf(condition: Condition): Condition {
  return (input, frame) => {
    const answer = condition(input, frame)
    return typeof answer === 'boolean' ? !answer : answer
  }
}

/** `$exists`. */
export function isThere(read: Evaluate): Condition {
  return (input, frame) => {
    const value = read(input, frame)
    return value instanceof Failure ? value : value !== undefined
  }
}

/** `=` (`wanted` true) and `!=` of any two values. */
export function compareEqual(left: Evaluate, right: Evaluate, wanted: boolean): Condition {
  return (input, frame) => {
    const one = left(input, frame)
    if (one instanceof Failure) return one
    const other = right(input, frame)
    return other instanceof Failure ? other : equality(one, other, wanted)
  }
}

/** `=` with a constant. */
export function equalsConstant(read: Evaluate, constant: Constant): Condition {
  if (typeof constant === 'string') {
    return (input, frame) => {
      const value = read(input, frame)
      return typeof value === 'string' ? value === constant : noOrFailure(value)
    }
  }
  return (input, frame) => {
    const value = read(input, frame)
    return value === constant || noOrFailure(value)
  }
}

/** `!=` with a constant. */
export function differsFromConstant(read: Evaluate, constant: Constant): Condition {
  return (input, frame) => {
    const value = read(input, frame)
    if (value === undefined || value === constant) return false
    return value instanceof Failure ? value : true
  }
}

function noOrFailure(value: unknown): false | Failure {
  return value instanceof Failure ? value : false
}

/** `in` with any right side. */
export function memberOf(left: Evaluate, right: Evaluate): Condition {
  return (input, frame) => {
    const one = left(input, frame)
    if (one instanceof Failure) return one
    const other = right(input, frame)
    return other instanceof Failure ? other : includes(one, other)
  }
}

/** `in` with a list of constants. */
export function memberOfConstants(read: Evaluate, constants: readonly Constant[]): Condition {
  const texts = constants.filter((constant) => typeof constant === 'string')
  const [one = '', two = one, three = two, ...more] = texts
  if (texts.length === constants.length && texts.length > 0 && more.length === 0) {
    return (input, frame) => {
      const value = read(input, frame)
      return typeof value === 'string' ? value === one || value === two || value === three : noOrFailure(value)
    }
  }
  const members: ReadonlySet<unknown> = new Set(constants)
  return (input, frame) => {
    const value = read(input, frame)
    return members.has(value) || noOrFailure(value)
  }
}

/** `in` with a constant left side, as in `"login" in actions`. */
export function holdsConstant(read: Evaluate, constant: Constant): Condition {
  return (input, frame) => {
    const value = read(input, frame)
    return Array.isArray(value) ? value.includes(constant) : value === constant || noOrFailure(value)
  }
}

export type Order = 'lt' | 'le' | 'gt' | 'ge'

/** `<`, `<=`, `>` and `>=`: numbers with numbers, text with text; missing gives missing. */
export function compareOrder(left: Evaluate, right: Evaluate, order: Order): Condition {
  const holds = ORDERS[order]
  return (input, frame) => {
    const one = left(input, frame)
    if (one instanceof Failure) return one
    const other = right(input, frame)
    if (other instanceof Failure) return other
    if (typeof one === 'number' && typeof other === 'number') return holds(one, other)
    if (typeof one === 'string' && typeof other === 'string') return holds(one, other)
    return withoutOrder(one, other)
  }
}

const ORDERS: Readonly<Record<Order, <Value extends number | string>(one: Value, other: Value) => boolean>> = {
  lt: (one, other) => one < other,
  le: (one, other) => one <= other,
  gt: (one, other) => one > other,
  ge: (one, other) => one >= other,
}

/** The same with a constant number on the right. */
export function compareWithNumber(read: Evaluate, constant: number, order: Order): Condition {
  return WITH_NUMBER[order](read, constant)
}

const WITH_NUMBER: Readonly<Record<Order, (read: Evaluate, constant: number) => Condition>> = {
  lt: (read, constant) => (input, frame) => {
    const value = read(input, frame)
    return typeof value === 'number' ? value < constant : withoutOrder(value, constant)
  },
  le: (read, constant) => (input, frame) => {
    const value = read(input, frame)
    return typeof value === 'number' ? value <= constant : withoutOrder(value, constant)
  },
  gt: (read, constant) => (input, frame) => {
    const value = read(input, frame)
    return typeof value === 'number' ? value > constant : withoutOrder(value, constant)
  },
  ge: (read, constant) => (input, frame) => {
    const value = read(input, frame)
    return typeof value === 'number' ? value >= constant : withoutOrder(value, constant)
  },
}

/** What comparing two values gives that are not of one type. */
function withoutOrder(one: unknown, other: unknown): undefined | Failure {
  if (one instanceof Failure) return one
  if (!isComparable(one) || !isComparable(other)) return T2010
  return one === undefined || other === undefined ? undefined : T2009
}

function isComparable(value: unknown): boolean {
  return value === undefined || typeof value === 'string' || typeof value === 'number'
}
