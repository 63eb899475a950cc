import { z } from 'zod'
import { exemptionRecord } from '../exemptions/schema.js'
import { descriptionShape, timestampShape } from '../shapes.js'

export const activeMitigationRecord = z.object({
  active_mitigation_id: z.string(),
  policy_id: z.string(),
  mitigation_id: z.string(),
  counting_scope: z.string(),
  entity: z.array(z.tuple([z.string(), z.string().nullable()])).nullable(),
  since: timestampShape,
  expires_at: timestampShape,
  sequence: z.number(),
})

export const releaseInput = z.strictObject({
  exempt: z
    .strictObject({
      /** Null: until the exemption is deleted. */
      for_seconds: z
        .int('must be a whole number of seconds')
        .min(1, 'must be at least 1 second')
        .max(31_536_000, 'must be at most 31,536,000 seconds (a year)')
        .nullable(),
      note: descriptionShape.default(''),
    })
    .nullable()
    .optional(),
})

export const releaseRecord = z.object({
  active_mitigation_id: z.string(),
  /** What lets the entity pass from now on, where that was asked for. */
  exemption: exemptionRecord.nullable(),
})

export type ReleaseInput = z.output<typeof releaseInput>
export type ReleaseBody = z.input<typeof releaseInput>
export type ReleaseRecord = z.output<typeof releaseRecord>
export type ActiveMitigationRecord = z.output<typeof activeMitigationRecord>
