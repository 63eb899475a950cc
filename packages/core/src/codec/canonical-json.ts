import type { FieldValue } from '../policy/fields/fields.js'
import { isPlainText } from './json-text.js'

const compareUnits = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/**
 * JSON text that is the same for equal values: object keys in order of their UTF-16 units (RFC 8785 section 3.2.3), no
 * spaces, text in Unicode form NFC, `-0` as `0`. Lone surrogates are escaped, so the text always has a UTF-8 form.
 * Numbers that JSON cannot hold become the strings `NaN`, `Infinity` and `-Infinity` inside an array of their own.
 */
export function canonicalJson(value: FieldValue): string {
  if (typeof value === 'string') return isPlainText(value) ? `"${value}"` : JSON.stringify(value.normalize('NFC'))
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : `["number","${value}"]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  const parts: string[] = []
  for (const name of Object.keys(value).sort(compareUnits)) {
    const item = value[name]
    if (item !== undefined) parts.push(`${JSON.stringify(name.normalize('NFC'))}:${canonicalJson(item)}`)
  }
  return `{${parts.join(',')}}`
}

/** `Array.isArray` that keeps the type of a read-only list. */
export function isList(value: FieldValue | undefined): value is readonly FieldValue[] {
  return Array.isArray(value)
}
