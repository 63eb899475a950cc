import { sizeOf, spend, TOO_MUCH } from './budget.js'
import type { Evaluate, Frame } from './frame.js'
import { lookUp } from './path.js'
import { Failure, failure, truthy } from './semantics.js'
import { madeByPath } from './sequences.js'

/** `[…]` after a step or value: the item at a constant place, or those for which a condition holds. */
export type Filter = { readonly at: number } | { readonly test: Evaluate; readonly cost: number }

/** A step of a path: what it gives for one item, `$` being the item, and what is then selected. */
export interface Step {
  readonly evaluate: Evaluate
  readonly filters: readonly Filter[]
  /** Work that one item takes. */
  readonly cost: number
}

/** A list that the path made and that is not a value yet: of one item only the item will be left. */
class Sequence {
  readonly items: unknown[] = []
}

const D1001 = failure('D1001')

/** Looks a name up in the item. */
export function nameStep(name: string): Evaluate {
  return (item) => lookUp(item, name).value
}

/**
 * A path of steps, each over the items that the one before it gave: jsonata's `evaluatePath`.
 *
 * @param start Gives what the first step goes over. `startsAtItem` when that is the item itself, which may be missing.
 */
export function walk(start: Evaluate, steps: readonly Step[], startsAtItem: boolean): Evaluate {
  return (input, frame) => {
    const from = start(input, frame)
    if (from instanceof Failure || (from === undefined && !startsAtItem)) return from
    return walkFrom(frame, Array.isArray(from) ? from : [from], steps)
  }
}

function walkFrom(frame: Frame, start: readonly unknown[], steps: readonly Step[]): unknown {
  let items = start
  for (const [index, step] of steps.entries()) {
    const found = stepOver(frame, items, step)
    if (found instanceof Failure) return found
    const only = found.length === 1 ? found[0] : undefined
    // A list that is there in the data stays as it is, even with one item or none.
    if (index === steps.length - 1 && Array.isArray(only)) return only
    items = flattened(found)
    if (items.length === 0) return undefined
    if (spend(frame, items.length) !== undefined) return TOO_MUCH
  }
  return items.length === 1 ? items[0] : madeByPath(items)
}

function stepOver(frame: Frame, items: readonly unknown[], step: Step): readonly unknown[] | Failure {
  const found: unknown[] = []
  for (const item of items) {
    if (spend(frame, step.cost + (Array.isArray(item) ? sizeOf(item) : 0)) !== undefined) return TOO_MUCH
    let value = step.evaluate(item, frame)
    for (const filter of step.filters) {
      if (value instanceof Failure) break
      value = select(frame, filter, value)
    }
    if (value instanceof Failure) return value
    if (value !== undefined) found.push(value)
  }
  return found
}

function flattened(values: readonly unknown[]): readonly unknown[] {
  const items: unknown[] = []
  for (const value of values) {
    const inner = value instanceof Sequence ? value.items : value
    if (Array.isArray(inner)) for (const item of inner) items.push(item)
    else items.push(inner)
  }
  return items
}

/**
 * Selections after a value that is not a path, as in `$split(a, "/")[1]`. `missingIsEmpty` where a missing value stands for a
 * list without items, and not for one with a missing item.
 */
export function selected(evaluate: Evaluate, filters: readonly Filter[], missingIsEmpty: boolean): Evaluate {
  return (input, frame) => {
    let value = evaluate(input, frame)
    if (value === undefined && missingIsEmpty) return undefined
    for (const filter of filters) {
      if (value instanceof Failure) return value
      value = select(frame, filter, value)
    }
    if (!(value instanceof Sequence)) return value
    return value.items.length < 2 ? value.items[0] : madeByPath(value.items)
  }
}

/** jsonata's `evaluateFilter`. What is not a list, be it missing, is a list of one. */
function select(frame: Frame, filter: Filter, value: unknown): unknown {
  const inner = value instanceof Sequence ? value.items : value
  const items: readonly unknown[] = Array.isArray(inner) ? inner : [inner]
  const found = new Sequence()
  if ('at' in filter) {
    const place = Math.floor(filter.at)
    const item = items[place < 0 ? items.length + place : place]
    if (Array.isArray(item)) return item
    if (item !== undefined) found.items.push(item)
    return found
  }
  for (const [index, item] of items.entries()) {
    const times = spend(frame, filter.cost) ?? timesSelected(filter.test(item, frame), index, items.length)
    if (times instanceof Failure) return times
    for (let time = 0; time < times; time++) found.items.push(item)
  }
  return found
}

/** How often a filter's answer selects the item at this place: numbers are places, anything else is a condition. */
function timesSelected(answer: unknown, index: number, length: number): number | Failure {
  if (answer instanceof Failure) return answer
  const places: readonly unknown[] | undefined =
    typeof answer === 'number' && !Number.isNaN(answer) ? [answer] : Array.isArray(answer) ? answer : undefined
  if (places !== undefined) {
    const numbers = places.filter((place) => typeof place === 'number' && !Number.isNaN(place))
    if (numbers.some((place) => !Number.isFinite(place))) return D1001
    if (numbers.length === places.length) return numbers.filter((place) => isPlace(place, index, length)).length
  }
  const holds = truthy(answer)
  return holds instanceof Failure ? holds : holds ? 1 : 0
}

function isPlace(place: unknown, index: number, length: number): boolean {
  if (typeof place !== 'number') return false
  const whole = Math.floor(place)
  return (whole < 0 ? length + whole : whole) === index
}
