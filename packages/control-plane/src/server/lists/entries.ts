import { createHash } from 'node:crypto'
import { canonicalListEntry, isInRange, LIMITS, listPart, parseAddressRange } from '@esper/core'
import { DomainError, type FieldError } from '../../http/problem.js'
import type { ListEntry, ListEntryGiven, ListRecord } from './schema.js'

/** Bytes of a list with its notes, as it is stored: well below what a document of the database holds. */
const STORED_BYTES = 12_582_912
const MOST_ERRORS = 100

/** Entries in their canonical form, each value once: of two that mean the same, the later one is it. */
export function canonicalEntries(given: readonly ListEntryGiven[], path = 'entries'): readonly ListEntry[] {
  const errors: FieldError[] = []
  const entries = new Map<string, ListEntry>()
  given.forEach(({ value: written, note, expires_at }, index) => {
    const value = canonicalListEntry(written)
    if (isBrokenAddress(value)) errors.push(brokenAddress(`${path}.${index}`, written))
    entries.set(value, { value, note: note ?? '', expires_at: expires_at ?? null })
  })
  if (errors.length > 0) refuse(errors.slice(0, MOST_ERRORS))
  return [...entries.values()]
}

/** The entries with others added: one that is there already takes the new note and expiry. */
export function withEntries(current: readonly ListEntry[], given: readonly ListEntryGiven[]): readonly ListEntry[] {
  const entries = new Map(current.map((entry) => [entry.value, entry]))
  for (const entry of canonicalEntries(given)) entries.set(entry.value, entry)
  return [...entries.values()]
}

export interface Removal {
  readonly values: readonly string[]
  /** Entries that expired then or before go too. */
  readonly expiredAt?: number | undefined
}

export function withoutEntries(current: readonly ListEntry[], { values, expiredAt }: Removal): readonly ListEntry[] {
  const gone = new Set(values.map(canonicalListEntry))
  return current.filter((entry) => !gone.has(entry.value) && !(expiredAt !== undefined && isExpired(entry, expiredAt)))
}

export function isExpired({ expires_at }: ListEntry, at: number): boolean {
  return expires_at !== null && Date.parse(expires_at) <= at
}

/** The part of these entries: what SDKs and engine look values up in. */
export function partOf(entries: readonly ListEntry[]): string {
  return listPart(
    entries.map(({ value, expires_at }) =>
      expires_at === null ? { value } : { value, expires_at: Date.parse(expires_at) },
    ),
  )
}

/** What a list's record says of its entries. Refuses what is too much. */
export function measured(entries: readonly ListEntry[]): Pick<ListRecord, 'entry_count' | 'sha256' | 'bytes'> {
  if (entries.length > LIMITS.listEntries) {
    tooBig(`would be ${entries.length.toLocaleString('en')}; ${LIMITS.listEntries.toLocaleString('en')} is the most`)
  }
  const part = Buffer.from(partOf(entries), 'utf8')
  const notes = entries.reduce((sum, { note }) => sum + note.length * 3, 0)
  if (part.length > LIMITS.listBytes)
    tooBig(`would have ${mebibytes(part.length)}; ${mebibytes(LIMITS.listBytes)} is the most`)
  if (part.length + notes > STORED_BYTES) tooBig('have too much text in their notes')
  const sha256 = createHash('sha256').update(part).digest('base64url')
  return { entry_count: entries.length, sha256, bytes: part.length }
}

/** Text that was meant as an address or range, and is none: it would be in the list and never be found. */
function isBrokenAddress(value: string): boolean {
  const looksLikeOne =
    /^\d{1,4}(?:\.\d{1,4}){3}(?:\/\d*)?$/.test(value) || /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*\/\d*$/i.test(value)
  return looksLikeOne && parseAddressRange(value) === undefined
}

function brokenAddress(path: string, written: string): FieldError {
  const message = `"${written.slice(0, 60)}" looks like an address or range, and is none`
  return { path: `${path}.value`, code: 'invalid_format', message }
}

function tooBig(what: string): never {
  refuse([{ path: 'entries', code: 'too_big', message: what }])
}

function refuse(errors: readonly FieldError[]): never {
  const names = [...new Set(errors.map(({ path }) => path))].slice(0, 5).join(', ')
  throw new DomainError('validation_failed', `Not valid: ${names}.`, { errors })
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`
}

export interface EntrySearch {
  readonly search?: string | undefined
  readonly state?: 'live' | 'expired' | undefined
  readonly now: number
}

/** The entries a person looks for: by a part of value or note, by an address they hold, by whether they have expired. */
export function foundEntries(
  entries: readonly ListEntry[],
  { search = '', state, now }: EntrySearch,
): readonly ListEntry[] {
  const text = search.toLowerCase()
  const sought = search === '' ? undefined : parseAddressRange(search)
  const holds = ({ value }: ListEntry) => {
    const range = sought === undefined ? undefined : parseAddressRange(value)
    return sought !== undefined && range !== undefined && range.bits <= sought.bits && isInRange(sought.first, range)
  }
  return entries.filter((entry) => {
    if (state !== undefined && isExpired(entry, now) !== (state === 'expired')) return false
    if (text === '' || entry.value.toLowerCase().includes(text) || entry.note.toLowerCase().includes(text)) return true
    return holds(entry)
  })
}
