import { LIMITS } from '@esper/core'
import { z } from 'zod'

/**
 * The pieces that the resources' schemas are made of. Everything here is plain zod without a Node import, because the
 * console reads the inferred types.
 */

const CONTROL_CHARACTERS = /\p{Cc}/u
const SLUG = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/
const SOURCE_ID = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/
const ID = /^[a-z]{2,6}_[A-Za-z0-9]{8,64}$/
const COOKIE_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

export const nameShape = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'must be at most 100 characters')
  .refine((text) => !CONTROL_CHARACTERS.test(text), 'must be one line without control characters')

export const descriptionShape = z.string().trim().max(1000, 'must be at most 1,000 characters')

export const slugShape = z
  .string()
  .min(1, 'must not be empty')
  .max(60, 'must be at most 60 characters')
  .regex(SLUG, 'may hold only a-z, 0-9 and "-", and must begin and end with a letter or digit')

export const sourceIdShape = z
  .string()
  .min(1, 'must not be empty')
  .max(64, 'must be at most 64 characters')
  .regex(SOURCE_ID, 'may hold only letters, digits, ".", "_" and "-", and must begin and end with a letter or digit')

/** An id as the server gives them. Whether it exists is for the service to say. */
export const idShape = z.string().min(1, 'must not be empty').max(80).regex(ID, 'is not an id')

export const priorityShape = z
  .int('must be a whole number')
  .min(0, 'must be at least 0')
  .max(1_000_000, 'must be at most 1,000,000')

export const expressionShape = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => text.trim().length > 0, 'must not be empty')
  .refine((text) => utf8Bytes(text) <= LIMITS.expressionBytes, 'must be at most 4 KiB')

export const durationSecondsShape = z
  .int('must be a whole number of seconds')
  .min(1, 'must be at least 1 second')
  .max(2_592_000, 'must be at most 2,592,000 seconds (30 days)')

export const cookieNameShape = z
  .string()
  .min(1, 'must not be empty')
  .max(128, 'must be at most 128 characters')
  .regex(COOKIE_NAME, 'is not a cookie name')

/** A field or map path as written in `key_fields`, `watch_fields` and `distinct`; the arrow form becomes the dotted one. */
export const fieldPathShape = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(256, 'must be at most 256 characters')
  .transform(dotted)

/** Only a name that itself holds a dot still needs its arrows. */
function dotted(path: string): string {
  const names = path.split('->').map((name) => name.trim())
  return names.length > 1 && names.some((name) => name.includes('.')) ? names.join('->') : names.join('.')
}

export const timestampShape = z.iso.datetime()

/** A time as clients send it, with any offset; kept in UTC. */
export const instantShape = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-01-31T12:00:00Z' })
  .transform((text) => new Date(text).toISOString())

/** What every resource of a tenant says about its own history. */
export const historyShape = { created_at: timestampShape, updated_at: timestampShape }

/** A list as every collection answers it. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next_cursor: string | null
}

/** `?limit&cursor` of every list. */
export const pageQueryShape = {
  limit: z.coerce
    .number()
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(200, 'must be at most 200')
    .default(50),
  cursor: z.string().min(1).max(512).optional(),
}

/** `?from&to`: ISO 8601 with any offset. */
export const spanQueryShape = {
  from: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-01-31T12:00:00Z' }).optional(),
  to: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-01-31T12:00:00Z' }).optional(),
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).byteLength
}

/** Refuses a list that names the same thing twice, at the second mention. */
export function refuseRepeats(list: readonly string[], context: z.RefinementCtx): void {
  list.forEach((entry, index) => {
    if (list.indexOf(entry) !== index) {
      context.addIssue({ code: 'custom', path: [index], message: `repeats "${entry}"`, params: { code: 'duplicate' } })
    }
  })
}
