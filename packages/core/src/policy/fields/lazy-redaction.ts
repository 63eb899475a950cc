import { canonicalJson, isList } from '../../codec/canonical-json.js'
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

/** The redacted form of a value that may be a list: its items one by one, so that each still groups. */
export function redactedForms(value: FieldValue, redact: Redact): FieldValue {
  return isList(value) ? value.map((item) => redactedForm(item, redact)) : redactedForm(value, redact)
}
