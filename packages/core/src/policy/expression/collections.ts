import { TOO_MUCH } from './budget.js'
import { deepEqual } from './semantics.js'
import { isMadeByPath } from './sequences.js'

/** `$keys`: names of an object, or of all objects of a list, each once; one alone is no list, and none is missing. */
export function keysOf(value: unknown): unknown {
  const names = namesOf(value)
  return names.length < 2 ? names[0] : names
}

function namesOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  if (!Array.isArray(value)) return Object.keys(value)
  // In an object names that are numbers come first, and so they do here.
  const merged: Record<string, true> = Object.create(null)
  for (const item of value) for (const name of namesOf(item)) merged[name] = true
  return Object.keys(merged)
}

/** Objects and lists are compared one by one, so there is an end to how many. */
const MOST_COMPARED = 1_000

/** `$distinct` of a list: each value once, by `=`; a failure for more than `MOST_COMPARED` different objects and lists. */
export function distinct(values: readonly unknown[]): unknown {
  const scalars = new Set<unknown>()
  const objects: unknown[] = []
  const found: unknown[] = []
  for (const value of values) {
    const isObject = typeof value === 'object' && value !== null
    // JSONata's `=` does not hold between what is not a number and itself.
    const isKnown = isObject
      ? objects.some((known) => deepEqual(known, value))
      : scalars.has(value) && !Number.isNaN(value)
    if (isKnown) continue
    if (objects.length >= MOST_COMPARED) return TOO_MUCH
    found.push(value)
    if (isObject) objects.push(value)
    else scalars.add(value)
  }
  return found.length === 1 && isMadeByPath(values) ? found[0] : found
}
