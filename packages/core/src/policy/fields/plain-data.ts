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
