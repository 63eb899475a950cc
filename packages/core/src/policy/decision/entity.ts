import { canonicalJson } from '../../codec/canonical-json.js'
import { sha256Base64Url } from '../../codec/sha256.js'
import { WHOLE_POLICY } from '../../protocol/mitigation.js'
import { addressGroup } from '../addresses/ip-address.js'
import type { Evaluate, Frame } from '../expression/frame.js'
import { fieldPath } from '../fields/field-names.js'
import type { FieldValue } from '../fields/fields.js'
import { plainData } from '../fields/plain-data.js'

/** Who an event is counted for: the key fields with their values, a missing one as null. */
export interface EntityTuple {
  readonly definitionId: string
  readonly pairs: readonly (readonly [field: string, value: FieldValue])[]
  /** Canonical text of the pairs: the key of local counters and caches. Different tuples have different texts. */
  readonly text: string
}

/** Longest canonical value that stands in an entity's text as it is; a longer one is there by its hash. */
const LONGEST_VALUE = 512

/** One key field, ready to be read. */
export interface KeyField {
  readonly field: string
  readonly read: Evaluate
  readonly isAddress: boolean
}

/** Whether a key field holds the client's address, which is grouped by network. */
export function isAddressField(field: string): boolean {
  const [name] = fieldPath(field)
  return name === 'client_ip' || name === 'ip'
}

/** Reads an entity's key fields: the tuple, or `undefined` when every one is missing or null, which in a key is the same. */
export function readEntity(definitionId: string, fields: readonly KeyField[], frame: Frame): EntityTuple | undefined {
  // Of its length at once: an empty list grows to many places with its first item.
  const pairs = new Array<readonly [string, FieldValue]>(fields.length)
  let isPresent = false
  let at = 0
  for (const { field, read, isAddress } of fields) {
    const value = entityValue(read(frame.record, frame), isAddress)
    isPresent ||= value !== undefined && value !== null
    pairs[at++] = [field, value ?? null]
  }
  return isPresent ? { definitionId, pairs, text: entityText(pairs) } : undefined
}

/** A value as it enters a tuple: text in Unicode form NFC, addresses by their network. `undefined` for missing. */
export function entityValue(value: unknown, isAddress: boolean): FieldValue | undefined {
  const plain = plainData(value)
  if (typeof plain !== 'string') return plain
  return isAddress ? addressGroup(plain) : plain.normalize('NFC')
}

/**
 * Canonical text of a tuple: a JSON list of `[field, value]`, typed, so that `"1"` and `1`, missing and empty, and
 * neighbouring values that would join to the same text all differ. A long value is `[field, null, hash]`.
 */
export function entityText(pairs: EntityTuple['pairs']): string {
  let list = ''
  for (const [field, value] of pairs) {
    const text = canonicalJson(value)
    const said = text.length <= LONGEST_VALUE ? text : `null,"${sha256Base64Url(text)}"`
    list += `${list === '' ? '' : ','}[${canonicalJson(field)},${said}]`
  }
  return `[${list}]`
}

/**
 * Key of an entity as it leaves the process: `mac` of its text (HMAC-SHA256 under the counting scope's `entity` key,
 * base64url), or `*` for a policy without an entity.
 */
export function entityKey(mac: (text: string) => string, entity: EntityTuple | undefined): string {
  return entity === undefined ? WHOLE_POLICY : mac(entity.text)
}
