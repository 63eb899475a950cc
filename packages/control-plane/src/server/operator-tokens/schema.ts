import { z } from 'zod'
import { ROLES } from '../memberships/schema.js'
import { historyShape, nameShape, timestampShape } from '../shapes.js'

export const operatorTokenCreate = z.strictObject({
  name: nameShape,
  /** The most it may do; its maker's own role bounds it as well, whenever it is used. */
  role: z.enum(ROLES).default('Viewer'),
  ttl_days: z
    .int('must be a whole number of days')
    .min(1, 'must be at least 1 day')
    .max(366, 'must be at most 366 days')
    .default(90),
})

export const operatorTokenRecord = z.object({
  operator_token_id: z.string(),
  tenant_id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  /** For whom it speaks: it ends with their membership. */
  user_id: z.string(),
  expires_at: timestampShape,
  last_used_at: timestampShape.nullable(),
  ...historyShape,
})

/** The only answer that holds the token. */
export const operatorTokenCreated = operatorTokenRecord.extend({ operator_token: z.string() })

export type OperatorTokenCreate = z.output<typeof operatorTokenCreate>
export type OperatorTokenCreateInput = z.input<typeof operatorTokenCreate>
export type OperatorTokenRecord = z.output<typeof operatorTokenRecord>
export type OperatorTokenCreated = z.output<typeof operatorTokenCreated>
