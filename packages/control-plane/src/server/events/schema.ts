import { z } from 'zod'
import { timestampShape } from '../shapes.js'

/** What the SDK enforced for the event, as it reported it. */
const reportedDecision = z.object({
  revision: z.number(),
  policy_id: z.string().optional(),
  outcome: z.enum(['challenge', 'block']).optional(),
  enforced: z.boolean(),
  origin: z.enum(['policy', 'active_mitigation', 'failure']).optional(),
  n: z.number().optional(),
  active_mitigation_id: z.string().optional(),
  exemption_id: z.string().optional(),
  cleared: z.array(z.string()).optional(),
  failed_open: z.boolean().optional(),
})

export const eventRecord = z.object({
  event_id: z.string(),
  tenant_id: z.string(),
  source_id: z.string(),
  batch_id: z.string(),
  observed_at: timestampShape,
  received_at: timestampShape,
  fields: z.record(z.string(), z.unknown()),
  decision: reportedDecision.nullable(),
})

export type EventRecord = z.output<typeof eventRecord>
