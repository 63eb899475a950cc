import { isEsperCookie } from '../../protocol/headers.js'
import { isRecord } from '../expression/semantics.js'
import { captureBody } from './capture-body.js'
import { type FieldMap, fieldReference } from './field-names.js'
import type { Fields, FieldValue } from './fields.js'
import { type Redact, redactedForms } from './lazy-redaction.js'
import { emptyMap, type FieldMapDraft, plainData } from './plain-data.js'
import { holdsCredential, isCredentialName, isRedactedEntry, isRedactedPath } from './redaction.js'
import { refererText } from './request-url.js'

export interface ForeignRedaction {
  readonly clearCookies: readonly string[]
  readonly redact: Redact
}

/**
 * The record another sender put into a batch, as Esper may store it: plain data within the limits, credentials replaced
 * by their keyed hash by the same list as the encoder has, Esper's own cookies left out. Values that are redacted
 * already stay as they are, so records of Esper's SDKs come out unchanged.
 */
export function redactForeignFields(fields: Fields, options: ForeignRedaction): Fields {
  const copy = emptyMap()
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    const safe = safeField(name, value, options)
    if (safe !== undefined) copy[name] = safe
  }
  return copy
}

function safeField(name: string, value: FieldValue, options: ForeignRedaction): FieldValue | undefined {
  const reference = fieldReference([name])
  if (reference?.kind === 'whole-map') return safeMap(reference.map, value, options)
  const plain = plainData(value)
  if (plain === undefined) return undefined
  if (isRedactedPath([name], options.clearCookies) || isCredentialName(name))
    return redactedForms(plain, options.redact)
  return name === 'referer' && typeof plain === 'string' ? refererText(plain) : plain
}

function safeMap(map: FieldMap, value: FieldValue, options: ForeignRedaction): FieldValue | undefined {
  // Forms and GraphQL variables nest credentials at any depth, so a body is looked through to the end.
  if (map === 'body' || map === 'labels') return withoutGetters(captureBody(value, ['*'], options.redact))
  if (!isRecord(value)) return undefined
  const copy: FieldMapDraft = emptyMap()
  for (const [name, item] of Object.entries(value)) {
    const plain = plainData(item)
    if (plain === undefined || (map === 'cookies' && isEsperCookie(name))) continue
    const isCredential = isRedactedEntry(map, name, options.clearCookies) || (map === 'query' && holdsCredential(plain))
    copy[name] = isCredential ? redactedForms(plain, options.redact) : plain
  }
  return copy
}

/** Reads every lazy hash, so that what is stored depends on no key any more. */
function withoutGetters(value: FieldValue | undefined): FieldValue | undefined {
  return value === undefined ? undefined : plainData(value)
}
