import { spend, TOO_MUCH } from './budget.js'
import type { Evaluate } from './frame.js'
import { Failure, failure } from './semantics.js'

const D1009 = failure('D1009')
const D1013 = failure('D1013')
const D2014 = failure('D2014')
const T1003 = failure('T1003')
const T2003 = failure('T2003')
const T2004 = failure('T2004')

/** Above it jsonata itself refuses a range. */
const MOST_RANGE = 10_000_000
/** Names with a meaning for jsonata, which it refuses in objects. */
const RESERVED: ReadonlySet<string> = new Set(['_jsonata_lambda', '_jsonata_function'])

/** `{"a": x, "b": y}`: every name first, then the values; a missing value leaves its name out. */
export function objectOf(pairs: readonly (readonly [name: Evaluate, value: Evaluate])[]): Evaluate {
  return (input, frame) => {
    // Without a prototype, so that no name in it means anything else, and with numbers first as in any object.
    const values: Record<string, Evaluate> = Object.create(null)
    for (const [name, value] of pairs) {
      const key = name(input, frame)
      if (key instanceof Failure) return key
      if (key === undefined) continue
      if (typeof key !== 'string') return T1003
      if (RESERVED.has(key)) return D1013
      if (values[key] !== undefined) return D1009
      values[key] = value
    }
    const made: Record<string, unknown> = Object.create(null)
    for (const [key, evaluate] of Object.entries(values)) {
      const value = evaluate(input, frame)
      if (value instanceof Failure) return value
      if (value !== undefined) made[key] = value
    }
    return made
  }
}

/** `from..to` in a list: the whole numbers between two, both included. */
export function rangeOf(from: Evaluate, to: Evaluate): Evaluate {
  return (input, frame) => {
    const low = from(input, frame)
    if (low instanceof Failure) return low
    const high = to(input, frame)
    if (high instanceof Failure) return high
    if (low !== undefined && !isWhole(low)) return T2003
    if (high !== undefined && !isWhole(high)) return T2004
    if (low === undefined || high === undefined || low > high) return undefined
    const count = high - low + 1
    if (count > MOST_RANGE) return D2014
    if (spend(frame, count) !== undefined) return TOO_MUCH
    return count === 1 ? low : Array.from({ length: count }, (_, index) => low + index)
  }
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value)
}

/** `(a; b)`: each in turn, and the answer of the last. */
export function blockOf(parts: readonly Evaluate[]): Evaluate {
  return (input, frame) => {
    let value: unknown
    for (const part of parts) {
      value = part(input, frame)
      if (value instanceof Failure) return value
    }
    return value
  }
}
