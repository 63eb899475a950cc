import { z } from 'zod'
import { descriptionShape, expressionShape, historyShape, nameShape } from '../shapes.js'

export const actionCreate = z.strictObject({
  name: nameShape,
  description: descriptionShape.default(''),
  enabled: z.boolean().default(true),
  expression: expressionShape,
})

export const actionPatch = z.strictObject({
  name: nameShape.optional(),
  description: descriptionShape.nullable().optional(),
  enabled: z.boolean().optional(),
  expression: expressionShape.optional(),
})

export const actionRecord = z.object({
  action_id: z.string(),
  tenant_id: z.string(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  expression: z.string(),
  ...historyShape,
})

export type ActionCreate = z.output<typeof actionCreate>
export type ActionCreateInput = z.input<typeof actionCreate>
export type ActionPatch = z.output<typeof actionPatch>
export type ActionPatchInput = z.input<typeof actionPatch>
export type ActionRecord = z.output<typeof actionRecord>
