import { LIMITS } from '@esper/core'
import { z } from 'zod'
import {
  descriptionShape,
  expressionShape,
  fieldPathShape,
  historyShape,
  nameShape,
  priorityShape,
  refuseRepeats,
} from '../shapes.js'

const keyFields = z
  .array(fieldPathShape)
  .min(1, 'must name at least one field')
  .max(LIMITS.keyFields, `must name at most ${LIMITS.keyFields} fields`)
  .superRefine(refuseRepeats)

export const entityDefinitionCreate = z.strictObject({
  name: nameShape,
  description: descriptionShape.default(''),
  enabled: z.boolean().default(true),
  priority: priorityShape.default(100),
  key_fields: keyFields,
  match_expression: expressionShape.nullable().optional(),
})

export const entityDefinitionPatch = z.strictObject({
  name: nameShape.optional(),
  description: descriptionShape.nullable().optional(),
  enabled: z.boolean().optional(),
  priority: priorityShape.optional(),
  key_fields: keyFields.optional(),
  match_expression: expressionShape.nullable().optional(),
})

export const entityDefinitionRecord = z.object({
  entity_definition_id: z.string(),
  tenant_id: z.string(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  priority: z.number(),
  key_fields: z.array(z.string()),
  match_expression: z.string().nullable(),
  ...historyShape,
})

export type EntityDefinitionCreate = z.output<typeof entityDefinitionCreate>
export type EntityDefinitionCreateInput = z.input<typeof entityDefinitionCreate>
export type EntityDefinitionPatch = z.output<typeof entityDefinitionPatch>
export type EntityDefinitionPatchInput = z.input<typeof entityDefinitionPatch>
export type EntityDefinitionRecord = z.output<typeof entityDefinitionRecord>
