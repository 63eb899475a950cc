import { z } from 'zod'
import {
  descriptionShape,
  expressionShape,
  historyShape,
  idShape,
  instantShape,
  nameShape,
  timestampShape,
} from '../shapes.js'

/** What an exemption is made of besides its times; whom it exempts is `expression`, `list_id`, or what both say. */
export const exemptionCreate = z.strictObject({
  name: nameShape,
  note: descriptionShape.default(''),
  enabled: z.boolean().default(true),
  expression: expressionShape.nullable().optional(),
  list_id: idShape.nullable().optional(),
  expires_at: instantShape.nullable().optional(),
})

export const exemptionPatch = z.strictObject({
  name: nameShape.optional(),
  note: descriptionShape.nullable().optional(),
  enabled: z.boolean().optional(),
  expression: expressionShape.nullable().optional(),
  list_id: idShape.nullable().optional(),
  expires_at: instantShape.nullable().optional(),
})

export const exemptionRecord = z.object({
  exemption_id: z.string(),
  tenant_id: z.string(),
  name: z.string(),
  note: z.string(),
  enabled: z.boolean(),
  expression: z.string().nullable(),
  list_id: z.string().nullable(),
  /** It exempts events observed before that; null: until it is deleted. */
  expires_at: timestampShape.nullable(),
  created_by: z.object({ user_id: z.string().nullable(), name: z.string() }),
  ...historyShape,
})

export type ExemptionCreate = z.output<typeof exemptionCreate>
export type ExemptionCreateInput = z.input<typeof exemptionCreate>
export type ExemptionPatch = z.output<typeof exemptionPatch>
export type ExemptionPatchInput = z.input<typeof exemptionPatch>
export type ExemptionRecord = z.output<typeof exemptionRecord>
