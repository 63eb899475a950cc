import { z } from 'zod'
import { timestampShape } from '../shapes.js'

export const auditActor = z.object({
  type: z.enum(['user', 'operator_token', 'system']),
  user_id: z.string().nullable(),
  name: z.string(),
  /** How the actor proved who it is, for example `session` or `bearer`. */
  via: z.string(),
})

export const auditRecord = z.object({
  audit_id: z.string(),
  at: timestampShape,
  actor: auditActor,
  /** For example `policy.update`; a refused attempt ends in `.refused`. */
  action: z.string(),
  resource_type: z.string(),
  resource_id: z.string(),
  ip: z.string().nullable(),
  /** Secrets are masked in both. */
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  hash: z.string(),
  previous_hash: z.string(),
})

export type AuditActor = z.output<typeof auditActor>
export type AuditRecord = z.output<typeof auditRecord>
