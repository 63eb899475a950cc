import { LIMITS } from '../../protocol/limits.js'
import type { FieldValue } from './fields.js'

/** A map under construction: it inherits nothing, so that no name in it means anything else. */
export type FieldMapDraft = { [name: string]: FieldValue }

/** Made by a constructor, a map is several times as fast to fill, read and write as one made by `Object.create(null)`. */
class EmptyMap {
  [name: string]: FieldValue
}
Object.setPrototypeOf(EmptyMap.prototype, null)
Reflect.deleteProperty(EmptyMap.prototype, 'constructor')

export function emptyMap(): FieldMapDraft {
  return new EmptyMap()
}

/**
 * What an event's own map is made by. It holds many names where most maps hold one or two, and an engine lays out what
 * one constructor makes alike: with a constructor of its own it gets its room at once instead of growing step by step,
 * and small maps get none that they do not need.
 */
class EmptyRecord {
  [name: string]: FieldValue

  constructor(isLayout: boolean) {
    // Never run: engines reserve a place for each of these assignments.
    if (!isLayout) return
    this.a = this.b = this.c = this.d = this.e = this.f = this.g = this.h = 0
    this.i = this.j = this.k = this.l = this.m = this.n = this.o = this.p = 0
  }
}
Object.setPrototypeOf(EmptyRecord.prototype, null)
Reflect.deleteProperty(EmptyRecord.prototype, 'constructor')

/** An event's record under construction. */
export function emptyRecord(): FieldMapDraft {
  return new EmptyRecord(false)
}

/** Text cut at `LIMITS.textUnits`, the one place where text is cut. Never ends in half a letter. */
export function cutText(text: string): string {
  if (text.length <= LIMITS.textUnits) return text
  const last = text.charCodeAt(LIMITS.textUnits - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? LIMITS.textUnits - 1 : LIMITS.textUnits)
}

/**
 * A copy of a value as plain JSON data within the limits: own properties only, without prototypes, text cut, lists and
 * objects to `LIMITS.objectKeys` items and `LIMITS.jsonDepth` levels. `undefined` for what JSON does not have.
 */
export function plainData(value: unknown, depth = 0): FieldValue | undefined {
  switch (typeof value) {
    case 'string':
      return cutText(value)
    case 'number':
      return Number.isFinite(value) ? value : undefined
    case 'boolean':
      return value
    case 'bigint':
      return value.toString()
    case 'object':
      return value === null ? null : plainObject(value, depth)
    default:
      return undefined
  }
}

function plainObject(value: object, depth: number): FieldValue | undefined {
  if (depth >= LIMITS.jsonDepth || ArrayBuffer.isView(value)) return undefined
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
  if (Array.isArray(value)) {
    return value.slice(0, LIMITS.objectKeys).map((item: unknown) => plainData(item, depth + 1) ?? null)
  }
  const copy = emptyMap()
  for (const name of Object.keys(value).slice(0, LIMITS.objectKeys)) {
    const item = plainData(Reflect.get(value, name), depth + 1)
    if (item !== undefined) copy[name] = item
  }
  return copy
}
