import { LIMITS } from '../../protocol/limits.js'
import { AddressTable } from '../addresses/address-table.js'
import { listText } from './list-entry.js'

/** First line of a part; a part that begins otherwise is of another format, and refused whole. */
const PART_HEAD = 'esper-list/1\n'

/** Entries of a list that one step of `prepareListInSlices` takes by default: well under a millisecond. */
const SLICE_ENTRIES = 500

/** What a part says of one entry. */
export interface ListPartEntry {
  /** In the form that `canonicalListEntry` gives. */
  readonly value: string
  /** Epoch milliseconds from which on it is as if it were not there; absent: never. */
  readonly expires_at?: number
}

/**
 * The part of a list, whose SHA-256 names it: a first line `esper-list/1`, then a line for each entry, in the order given: its
 * value, and behind a tab the epoch milliseconds it expires at, if it does. Every line ends in a line feed.
 */
export function listPart(entries: Iterable<ListPartEntry>): string {
  let text = PART_HEAD
  for (const { value, expires_at: expiresAt } of entries) {
    text += expiresAt === undefined ? `${value}\n` : `${value}\t${expiresAt}\n`
  }
  return text
}

/** The contents of a list, ready to be looked up in constant time. Made by `prepareList`. */
export class PreparedList {
  /** Entries, expired ones included. */
  readonly count: number
  readonly #texts: ReadonlyMap<string, number>
  readonly #addresses: AddressTable

  constructor(count: number, texts: ReadonlyMap<string, number>, addresses: AddressTable) {
    this.count = count
    this.#texts = texts
    this.#addresses = addresses
  }

  /**
   * Whether a text is in the list: as one of its entries, or, an address or range, within one of its ranges.
   *
   * @param at Epoch milliseconds: entries that expire then or before are not looked at.
   */
  has(text: string, at: number): boolean {
    const expiresAt = this.#texts.get(listText(text))
    if (expiresAt !== undefined && at < expiresAt) return true
    return this.#addresses.has(text, at)
  }
}

/** A list without entries. */
export const EMPTY_LIST = new PreparedList(0, new Map(), new AddressTable())

/** Prepares the contents of a list from its part; `undefined` when it is none. Never throws. */
export function prepareList(part: string): PreparedList | undefined {
  const steps = prepareListInSlices(part, Number.POSITIVE_INFINITY)
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value
}

/**
 * As `prepareList`, a slice at each step, so that whoever runs it can let others in between: 100,000 entries take tens of
 * milliseconds. The last step's value is the list, or `undefined` when the part is none.
 */
export function* prepareListInSlices(
  part: string,
  sliceEntries = SLICE_ENTRIES,
): Generator<undefined, PreparedList | undefined> {
  if (!part.startsWith(PART_HEAD)) return undefined
  const texts = new Map<string, number>()
  const addresses = new AddressTable()
  let count = 0
  for (let start = PART_HEAD.length; start < part.length; ) {
    const end = part.indexOf('\n', start)
    if (end < 0 || count === LIMITS.listEntries) return undefined
    const entry = parseLine(part.slice(start, end))
    if (entry === undefined) return undefined
    if (!addresses.add(entry.value, entry.expiresAt)) texts.set(listText(entry.value), entry.expiresAt)
    count += 1
    start = end + 1
    if (count % sliceEntries === 0) yield undefined
  }
  return new PreparedList(count, texts, addresses)
}

const NEVER = Number.POSITIVE_INFINITY

function parseLine(line: string): { readonly value: string; readonly expiresAt: number } | undefined {
  const tab = line.indexOf('\t')
  const value = tab < 0 ? line : line.slice(0, tab)
  if (value === '' || value.length > LIMITS.listEntryUnits) return undefined
  if (tab < 0) return { value, expiresAt: NEVER }
  const expiresAt = line.slice(tab + 1)
  return /^\d{1,15}$/.test(expiresAt) ? { value, expiresAt: Number(expiresAt) } : undefined
}
