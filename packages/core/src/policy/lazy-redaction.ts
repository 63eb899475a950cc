import { canonicalJson } from '../codec/canonical-json.js'
import type { FieldValue } from './fields.js'
import type { FieldMapDraft } from './plain-data.js'
import { isRedactedValue, REDACTED_PREFIX } from './redaction.js'

/** Keyed hash of a value under the counting scope's redaction key. */
export type Redact = (value: string) => string

/** The redacted form of a value; one that is redacted already stays as it is. */
export function redactedForm(value: FieldValue, redact: Redact): string {
  if (typeof value === 'string' && isRedactedValue(value)) return value
  return REDACTED_PREFIX + redact(typeof value === 'string' ? value : canonicalJson(value))
}

/** Puts the redacted form of a value into a map; the hash is computed when it is first read, and kept. */
export function setRedacted(target: FieldMapDraft, name: string, value: FieldValue, redact: Redact): void {
  Object.defineProperty(target, name, {
    enumerable: true,
    configurable: true,
    get() {
      const form = redactedForm(value, redact)
      Object.defineProperty(target, name, { value: form, enumerable: true, configurable: true, writable: true })
      return form
    },
  })
}

/** Values of a list are redacted one by one, so that each still groups; anything else as a whole. */
export function setRedactedValues(target: FieldMapDraft, name: string, value: FieldValue, redact: Redact): void {
  if (Array.isArray(value)) target[name] = value.map((item: FieldValue) => redactedForm(item, redact))
  else setRedacted(target, name, value, redact)
}
