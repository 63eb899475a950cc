import { z } from 'zod'

/** A field of the encoded record, as core's catalog describes it. */
export const fieldRecord = z.object({
  name: z.string(),
  type: z.enum(['string', 'number', 'boolean', 'list', 'map', 'any']),
  meaning: z.string(),
  /** An expression or value that shows it. */
  example: z.string(),
  /** Whether its value leaves the process as a keyed hash only, always or where the name tells a credential. */
  redacted: z.enum(['never', 'always', 'by_name']),
  /** Whether it is known only after the response. */
  responseOnly: z.boolean(),
})

export type FieldRecord = z.output<typeof fieldRecord>
