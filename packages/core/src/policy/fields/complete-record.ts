import { isRecord } from '../expression/semantics.js'
import { captureNamed } from './capture-named.js'
import type { CaptureOptions } from './encode.js'
import type { Fields, FieldValue } from './fields.js'
import { cutText, emptyRecord, type FieldMapDraft } from './plain-data.js'

/** What an application says of an event that its request does not. */
export interface ApplicationFields {
  /** Who it is; a number is taken as its digits. */
  readonly user_id?: string | number | undefined
  readonly labels?: Readonly<Record<string, FieldValue | undefined>> | undefined
}

/**
 * The record completed by what the application has found out since, for the event's second decision (see
 * `MatchOptions.expectsMore`). What the record has stays as it is: it was decided with. Labels join those that are
 * there; of labels only those that are demanded are kept, credentials as keyed hashes. Never throws.
 */
export function withApplication(
  fields: Fields,
  { user_id: userId, labels }: ApplicationFields,
  { demand, redact }: CaptureOptions,
): Fields {
  const copy = copyOf(fields)
  if (copy.user_id === undefined && (typeof userId === 'string' || typeof userId === 'number')) {
    copy.user_id = cutText(String(userId))
  }
  if (isRecord(labels) && demand.labels.length > 0) {
    const said = captureNamed(labels, demand.labels, redact)
    const known = isRecord(fields.labels) ? fields.labels : {}
    copy.labels = Object.defineProperties(said, Object.getOwnPropertyDescriptors(known))
  }
  return copy
}

/** What is computed when it is first read stays so. */
function copyOf(fields: Fields): FieldMapDraft {
  return Object.defineProperties(emptyRecord(), Object.getOwnPropertyDescriptors(fields))
}
