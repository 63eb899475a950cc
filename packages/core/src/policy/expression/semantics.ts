/**
 * JSONata's meaning of values, function by function as in jsonata 2.2's `utils` and `functions`, with errors returned
 * as `Failure` values in place of exceptions.
 */

/** What an expression gives where JSONata raises an error: the error's code, as a value. */
export class Failure {
  readonly code: string
  constructor(code: string) {
    this.code = code
  }
}

const FAILURES = new Map<string, Failure>()

/** The one `Failure` of this code. */
export function failure(code: string): Failure {
  let found = FAILURES.get(code)
  if (found === undefined) {
    found = new Failure(code)
    FAILURES.set(code, found)
  }
  return found
}

const D1001 = failure('D1001')

/** Whether a value is an object that is not a list. */
export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Own property of a plain object; never what a prototype holds. */
export function ownValue(record: { readonly [name: string]: unknown }, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

/** JSONata's effective boolean: `undefined` counts as false, an infinite number is the error D1001. */
export function truthy(value: unknown): boolean | Failure {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value.length > 0
    case 'number':
      if (value === Infinity || value === -Infinity) return D1001
      return value !== 0 && !Number.isNaN(value)
    case 'object':
      return truthyObject(value)
    default:
      return false
  }
}

function truthyObject(value: object | null): boolean | Failure {
  if (value === null) return false
  if (value instanceof Failure) return value
  if (!Array.isArray(value)) return Object.keys(value).length > 0
  let some = false
  for (const item of value) {
    const answer = truthy(item)
    if (answer instanceof Failure) return answer
    some = some || answer
  }
  return some
}

/** Equality through lists and objects; key order does not matter. Values are plain data, so depth is that of the event. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, at) => deepEqual(item, right[at]))
  }
  // A list has the own property `length`, so for JSONata it never equals an object without one.
  if (Array.isArray(left) || Array.isArray(right)) return listEqualsObject(left, right)
  return sameEntries(left, right)
}

function sameEntries(left: object, right: object): boolean {
  const names = Object.keys(left)
  if (names.length !== Object.keys(right).length) return false
  return names.every((name) => {
    const one = Object.getOwnPropertyDescriptor(left, name)
    const other = Object.getOwnPropertyDescriptor(right, name)
    return one !== undefined && other !== undefined && deepEqual(read(left, name), read(right, name))
  })
}

function listEqualsObject(left: object, right: object): boolean {
  const names = Object.getOwnPropertyNames(left)
  if (names.length !== Object.getOwnPropertyNames(right).length) return false
  return names.every((name) => Object.hasOwn(right, name) && deepEqual(read(left, name), read(right, name)))
}

function read(target: object, name: string): unknown {
  return Reflect.get(target, name)
}

/** `=` and `!=`: both are false when a side is missing. */
export function equality(left: unknown, right: unknown, wanted: boolean): boolean {
  if (left === undefined || right === undefined) return false
  return deepEqual(left, right) === wanted
}

/** `in`: strict equality with a member; a value that is not a list counts as a list of one. */
export function includes(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false
  return Array.isArray(right) ? right.includes(left) && !Number.isNaN(left) : left === right
}
