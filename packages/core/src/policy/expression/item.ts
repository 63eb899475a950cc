import type { Evaluate } from './frame.js'
import { isRecord, ownValue } from './semantics.js'
import { nameStep, walk } from './steps.js'

/** Reads a path from the item; through lists step by step, so that their length is counted. Without names, the item. */
export function itemReader(names: readonly string[], item: Evaluate): Evaluate {
  const [last] = names.slice(-1)
  if (last === undefined) return item
  const throughLists = walk(
    item,
    names.map((name) => ({ evaluate: nameStep(name), filters: [], cost: 1 })),
    true,
  )
  return (input, frame) => {
    let value = item(input, frame)
    for (const name of names) {
      if (!isRecord(value)) return Array.isArray(value) ? throughLists(input, frame) : undefined
      value = ownValue(value, name)
    }
    return value
  }
}
