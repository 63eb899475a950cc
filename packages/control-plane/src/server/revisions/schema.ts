import { z } from 'zod'
import { timestampShape } from '../shapes.js'

/** A policy set revision as the list shows it. Its content is immutable. */
export const revisionRecord = z.object({
  tenant_id: z.string(),
  revision: z.number(),
  created_at: timestampShape,
  /** The change that made it. */
  audit_id: z.string(),
  policies: z.number(),
  enforcement: z.enum(['on', 'monitor']),
})

export type RevisionRecord = z.output<typeof revisionRecord>
