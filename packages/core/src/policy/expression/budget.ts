import type { Evaluate, Frame } from './frame.js'
import { Failure, failure } from './semantics.js'

/**
 * What one evaluation may make and go through, in letters of text, items of lists and steps over them. Programs come from
 * tenants and bundles: without it a few nested selections, or text joined to itself, would take minutes or all memory.
 */
export const MOST_WORK = 100_000

/** What the expression makes is larger, or takes more steps, than `MOST_WORK`. */
export const TOO_MUCH = failure('E1003')

/** Counts work of this evaluation; the failure when it is more than the budget. */
export function spend(frame: Frame, units: number): Failure | undefined {
  frame.work += units
  return frame.work > MOST_WORK ? TOO_MUCH : undefined
}

/** Starts the count anew for each evaluation of a program that makes or goes through anything. */
export function withBudget<Answer>(
  evaluate: (input: unknown, frame: Frame) => Answer,
): (input: unknown, frame: Frame) => Answer {
  return (input, frame) => {
    frame.work = 0
    return evaluate(input, frame)
  }
}

/** Letters that are read, or tested against a pattern, for one unit of work. */
const LETTERS_READ = 8
export const LETTERS_TESTED = 0.5

/** Counts the size of a value that is read within a selection, and so perhaps once for each item of a list. */
export function counted(evaluate: Evaluate, letters: number = LETTERS_READ): Evaluate {
  return (input, frame) => {
    const value = evaluate(input, frame)
    if (typeof value === 'string') return spend(frame, value.length / letters) ?? value
    if (typeof value !== 'object' || value === null || value instanceof Failure) return value
    return spend(frame, sizeOf(value)) ?? value
  }
}

/** Letters and items in a value, about as JSON writes it; counting ends above `MOST_WORK`. */
export function sizeOf(value: unknown, most: number = MOST_WORK): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 1
  let size = 1
  const isList = Array.isArray(value)
  for (const name of Object.keys(value)) {
    size += (isList ? 0 : name.length) + sizeOf(Reflect.get(value, name), most - size)
    if (size > most) break
  }
  return size
}
