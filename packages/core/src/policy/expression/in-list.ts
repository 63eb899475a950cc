import type { BundleList } from '../../protocol/bundle.js'
import { EMPTY_LIST, type PreparedList } from '../lists/prepared-list.js'
import type { Condition, Evaluate, Frame } from './frame.js'
import { Failure, isRecord, ownValue } from './semantics.js'
import { textOf } from './text.js'

/** The contents of the list with this id; `undefined` when they are not at hand. */
export type ListContents = (listId: string) => PreparedList | undefined

/** Where no list is at hand: a program that looks one up cannot be used. */
export const NO_LISTS: ListContents = () => undefined

/** Where a program is only checked or read, and never run: every list is there, and empty. */
export const ANY_LIST: ListContents = () => EMPTY_LIST

/** Contents by the hash of their part, as the references of a bundle name them. */
export function listContents(
  references: readonly BundleList[] = [],
  prepared: ReadonlyMap<string, PreparedList> = new Map(),
): ListContents {
  const hashes = new Map(references.map(({ list_id, sha256 }) => [list_id, sha256]))
  return (listId) => prepared.get(hashes.get(listId) ?? '')
}

/**
 * `$in_list(value, list)`: whether a text is in the list. A number or boolean is looked up as `$string` writes it; of a list of
 * values one member is enough; null and objects are in no list; missing gives missing. Entries expire by the record's
 * `observed_at`; in a record without one, none has.
 */
export function inList(operand: Evaluate, list: PreparedList): Condition {
  return (input, frame) => {
    const value = operand(input, frame)
    if (typeof value === 'string') return list.has(value, timeOf(frame))
    if (value === undefined || value instanceof Failure) return value
    if (!Array.isArray(value)) return hasScalar(list, value, timeOf(frame))
    const at = timeOf(frame)
    return value.some((member) => hasScalar(list, member, at))
  }
}

function hasScalar(list: PreparedList, value: unknown, at: number): boolean {
  if (typeof value === 'string') return list.has(value, at)
  if (typeof value !== 'number' && typeof value !== 'boolean') return false
  const text = textOf(value)
  return typeof text === 'string' && list.has(text, at)
}

function timeOf({ record }: Frame): number {
  const at = isRecord(record) ? ownValue(record, 'observed_at') : undefined
  return typeof at === 'number' ? at : Number.NEGATIVE_INFINITY
}
