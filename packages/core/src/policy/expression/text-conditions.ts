import type { LiteralPattern } from '../patterns/pattern-literal.js'
import type { Condition, Evaluate } from './frame.js'
import { Failure, failure } from './semantics.js'

/** Conditions on text. Missing text gives missing; anything else that is no text is an error. */

const T0410 = failure('T0410')

function withoutText(value: unknown): undefined | Failure {
  return value === undefined || value instanceof Failure ? value : T0410
}

/** `$contains(text, sought)`. */
export function holds(text: Evaluate, sought: Evaluate): Condition {
  return (input, frame) => {
    const one = text(input, frame)
    if (one instanceof Failure) return one
    const other = sought(input, frame)
    if (other instanceof Failure) return other
    if (typeof one === 'string' && typeof other === 'string') return one.includes(other)
    const fits = (one === undefined || typeof one === 'string') && (other === undefined || typeof other === 'string')
    return fits ? undefined : T0410
  }
}

/** The same for a constant. */
export function holdsText(text: Evaluate, sought: string): Condition {
  return (input, frame) => {
    const value = text(input, frame)
    return typeof value === 'string' ? value.includes(sought) : withoutText(value)
  }
}

/** `$contains(text, /pattern/)`. */
export function matches(text: Evaluate, test: (text: string) => boolean): Condition {
  return (input, frame) => {
    const value = text(input, frame)
    return typeof value === 'string' ? test(value) : withoutText(value)
  }
}

/** The same for a pattern that is a text, as most are: no pattern has to be run. */
export function matchesLiteral(read: Evaluate, { text, atStart, atEnd }: LiteralPattern): Condition {
  if (!atStart && !atEnd) return holdsText(read, text)
  if (!atStart) {
    return (input, frame) => {
      const value = read(input, frame)
      return typeof value === 'string' ? value.endsWith(text) : withoutText(value)
    }
  }
  if (!atEnd) {
    return (input, frame) => {
      const value = read(input, frame)
      return typeof value === 'string' ? value.startsWith(text) : withoutText(value)
    }
  }
  return (input, frame) => {
    const value = read(input, frame)
    return typeof value === 'string' ? value === text : withoutText(value)
  }
}

/** `$match(text, /pattern/)` where only its truth is asked for: what does not match gives no matches, and so is missing. */
export function orMissing(condition: Condition): Condition {
  return (input, frame) => {
    const answer = condition(input, frame)
    return answer === false ? undefined : answer
  }
}
