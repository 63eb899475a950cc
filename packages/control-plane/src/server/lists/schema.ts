import { LIMITS } from '@esper/core'
import { z } from 'zod'
import { descriptionShape, historyShape, instantShape, nameShape, pageQueryShape, timestampShape } from '../shapes.js'

/** Characters that would break a line of the list's part, or have no bytes of their own. */
const UNFIT = /[\p{Cc}\p{Cs}]/u

const valueShape = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(LIMITS.listEntryUnits, `must be at most ${LIMITS.listEntryUnits} characters`)
  .refine((text) => !UNFIT.test(text), 'must be one line without control characters')

const entryShape = z.strictObject({
  value: valueShape,
  note: z.string().trim().max(200, 'must be at most 200 characters').nullable().optional(),
  /** From then on it is as if it were not there; null or absent: never. */
  expires_at: instantShape.nullable().optional(),
})

/** An entry, or its value alone. */
const entryInput = z.preprocess((input) => (typeof input === 'string' ? { value: input } : input), entryShape)

const entriesShape = z
  .array(entryInput)
  .max(LIMITS.listEntries, `must be at most ${LIMITS.listEntries.toLocaleString('en')} entries`)

export const listCreate = z.strictObject({
  name: nameShape,
  description: descriptionShape.default(''),
  enabled: z.boolean().default(true),
  entries: entriesShape.default([]),
})

export const listPatch = z.strictObject({
  name: nameShape.optional(),
  description: descriptionShape.nullable().optional(),
  enabled: z.boolean().optional(),
  /** Takes the place of all entries. */
  entries: entriesShape.optional(),
})

export const entriesAdd = z.strictObject({ entries: entriesShape.min(1, 'must not be empty') })

export const entriesRemove = z
  .strictObject({
    values: z.array(valueShape).max(LIMITS.listEntries).default([]),
    /** Also those that have expired. */
    expired: z.boolean().default(false),
  })
  .refine(({ values, expired }) => values.length > 0 || expired, {
    path: ['values'],
    message: 'must not be empty, unless expired is true',
    params: { code: 'required' },
  })

export const entriesQuery = z.strictObject({
  ...pageQueryShape,
  limit: z.coerce
    .number()
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(1_000, 'must be at most 1,000')
    .default(100),
  /** Part of a value or note; of an address, the entries that hold it. */
  search: z.string().trim().max(200, 'must be at most 200 characters').optional(),
  state: z.enum(['live', 'expired']).optional(),
})

export const listEntry = z.object({
  /** An address as RFC 5952 writes it, a range by its first address, any other text in Unicode form NFC. */
  value: z.string(),
  note: z.string(),
  expires_at: timestampShape.nullable(),
})

export const listRecord = z.object({
  list_id: z.string(),
  tenant_id: z.string(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  /** Expired ones included. */
  entry_count: z.number(),
  /** Of the part that SDKs fetch, base64url. */
  sha256: z.string(),
  /** Of that part. */
  bytes: z.number(),
  ...historyShape,
})

/** A list by itself, with what is in it. */
export const listWithEntries = listRecord.extend({ entries: z.array(listEntry) })

export const entryPage = z.object({
  items: z.array(listEntry),
  next_cursor: z.string().nullable(),
  /** Entries that were looked for, on all pages. */
  matching: z.number(),
})

/** A resource that looks values up in a list. */
const listUser = z.object({
  resource_type: z.enum(['action', 'entity_definition', 'policy', 'exemption']),
  resource_id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
})

export const listUsers = z.object({ items: z.array(listUser) })

export type ListEntry = z.output<typeof listEntry>
export type ListEntryInput = z.input<typeof entryShape> | string
export type ListEntryGiven = z.output<typeof entryShape>
export type ListCreate = z.output<typeof listCreate>
export type ListCreateInput = Omit<z.input<typeof listCreate>, 'entries'> & {
  readonly entries?: readonly ListEntryInput[]
}
export type ListPatch = z.output<typeof listPatch>
export type ListPatchInput = Omit<z.input<typeof listPatch>, 'entries'> & {
  readonly entries?: readonly ListEntryInput[]
}
export type ListEntriesAddInput = { readonly entries: readonly ListEntryInput[] }
export type ListEntriesRemoveInput = z.input<typeof entriesRemove>
export type ListEntryPage = z.output<typeof entryPage>
export type ListRecord = z.output<typeof listRecord>
export type ListWithEntries = z.output<typeof listWithEntries>
export type ListUser = z.output<typeof listUser>
export type EntriesQuery = z.output<typeof entriesQuery>
