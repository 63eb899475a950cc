import { isRecord, ownValue } from './semantics.js'
import { madeByPath } from './sequences.js'

/** A reader of one path from a value, with JSONata's flattening through lists. */
export type PathReader = (input: unknown) => unknown

/**
 * Prepares a reader. Records are plain data, without a prototype or with that of all objects, so only a name that is
 * on the latter needs the look whether a record has it as its own: no prototype is ever seen.
 */
export function pathReader(names: readonly string[]): PathReader {
  const [first, second] = names
  if (first === undefined || names.some((name) => name in Object.prototype)) return (input) => readOwn(input, names)
  if (names.length > 2) return (input) => readPlain(input, names)
  if (second === undefined) return (input) => (isRecord(input) ? input[first] : throughList(input, names))
  return (input) => {
    if (!isRecord(input)) return throughList(input, names)
    const inner = input[first]
    return isRecord(inner) ? inner[second] : throughList(inner, names, 1)
  }
}

function readOwn(input: unknown, names: readonly string[]): unknown {
  let value = input
  for (const [at, name] of names.entries()) {
    if (!isRecord(value)) return throughList(value, names, at)
    value = ownValue(value, name)
  }
  return value
}

function readPlain(input: unknown, names: readonly string[]): unknown {
  let value = input
  for (let at = 0; at < names.length; at++) {
    if (!isRecord(value)) return throughList(value, names, at)
    value = value[names[at] ?? '']
  }
  return value
}

/** The rest of a path, from `at` on, of what is no record: of a list over its items, of anything else missing. */
export function throughList(input: unknown, names: readonly string[], at = 0): unknown {
  return Array.isArray(input) ? throughLists(input, names, at) : undefined
}

interface StepResult {
  readonly value: unknown
  /** Whether the list was made by the path, and not found in the data. */
  readonly isSequence: boolean
}

/** The rest of a path, from `at` on, over the items of a list: jsonata's `evaluateStep`. */
function throughLists(input: readonly unknown[], names: readonly string[], at: number): unknown {
  let items: readonly unknown[] = input
  for (let step = at; step < names.length; step++) {
    const found: StepResult[] = []
    for (const item of items) {
      const result = lookUp(item, names[step] ?? '')
      if (result.value !== undefined) found.push(result)
    }
    const only = found.length === 1 ? found[0] : undefined
    if (step === names.length - 1 && only !== undefined && Array.isArray(only.value) && !only.isSequence)
      return only.value
    items = found.flatMap((result) => result.value)
    if (items.length === 0) return undefined
  }
  return items.length === 1 ? items[0] : madeByPath(items)
}

/** What a name gives for one item, through lists: jsonata's `lookup`. */
export function lookUp(input: unknown, name: string): StepResult {
  if (!Array.isArray(input)) return { value: isRecord(input) ? ownValue(input, name) : undefined, isSequence: false }
  const values = lookUpAll(input, name)
  if (values.length < 2) return { value: values[0], isSequence: false }
  return { value: madeByPath(values), isSequence: true }
}

function lookUpAll(input: readonly unknown[], name: string): readonly unknown[] {
  return input.flatMap((item) => {
    if (Array.isArray(item)) return lookUpAll(item, name)
    const value = isRecord(item) ? ownValue(item, name) : undefined
    return value === undefined ? [] : value
  })
}
