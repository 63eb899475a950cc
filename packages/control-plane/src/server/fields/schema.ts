import { z } from 'zod'

/** A field of the encoded record, from core's catalog. */
export const fieldRecord = z.object({
  name: z.string(),
  type: z.string(),
  meaning: z.string(),
  example: z.unknown(),
  /** Whether it leaves the process as a keyed hash only. */
  redacted: z.boolean(),
  /** Whether it is known only after the response. */
  responseOnly: z.boolean(),
})

export type FieldRecord = z.output<typeof fieldRecord>
