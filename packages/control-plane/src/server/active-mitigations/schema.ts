import { z } from 'zod'
import { timestampShape } from '../shapes.js'

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

export type ActiveMitigationRecord = z.output<typeof activeMitigationRecord>
