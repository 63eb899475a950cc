import { LIMITS } from '@esper/core'
import { z } from 'zod'
import {
  descriptionShape,
  expressionShape,
  fieldPathShape,
  historyShape,
  idShape,
  nameShape,
  priorityShape,
  refuseRepeats,
} from '../shapes.js'

const actionIds = z.array(idShape).max(32, 'must name at most 32 actions').superRefine(refuseRepeats)

const window = z
  .strictObject({
    seconds: z
      .int('must be a whole number of seconds')
      .min(1, 'must be at least 1 second')
      .max(86_400, 'must be at most 86,400 seconds (a day)'),
    threshold: z.int('must be a whole number').min(1, 'must be at least 1').max(100_000, 'must be at most 100,000'),
    distinct: fieldPathShape.optional(),
  })
  .superRefine((input, context) => {
    if (input.distinct !== undefined && input.threshold > LIMITS.distinctValues) {
      context.addIssue({
        code: 'custom',
        path: ['threshold'],
        message: `must be at most ${LIMITS.distinctValues.toLocaleString('en')} when distinct values are counted`,
        params: { code: 'too_big' },
      })
    }
  })

export const policyCreate = z.strictObject({
  name: nameShape,
  description: descriptionShape.default(''),
  enabled: z.boolean().default(true),
  priority: priorityShape.default(100),
  expression: expressionShape,
  action_ids: actionIds.default([]),
  entity_definition_id: idShape.nullable().optional(),
  mitigation_id: idShape.nullable().optional(),
  window: window.nullable().optional(),
})

export const policyPatch = z.strictObject({
  name: nameShape.optional(),
  description: descriptionShape.nullable().optional(),
  enabled: z.boolean().optional(),
  priority: priorityShape.optional(),
  expression: expressionShape.optional(),
  action_ids: actionIds.optional(),
  entity_definition_id: idShape.nullable().optional(),
  mitigation_id: idShape.nullable().optional(),
  window: window.nullable().optional(),
})

export const policyRecord = z.object({
  policy_id: z.string(),
  tenant_id: z.string(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  priority: z.number(),
  expression: z.string(),
  action_ids: z.array(z.string()),
  entity_definition_id: z.string().nullable(),
  mitigation_id: z.string().nullable(),
  window: z.object({ seconds: z.number(), threshold: z.number(), distinct: z.string().optional() }).nullable(),
  /** Rises by one with each change of the policy. */
  revision: z.number(),
  ...historyShape,
})

export type PolicyCreate = z.output<typeof policyCreate>
export type PolicyCreateInput = z.input<typeof policyCreate>
export type PolicyPatch = z.output<typeof policyPatch>
export type PolicyPatchInput = z.input<typeof policyPatch>
export type PolicyRecord = z.output<typeof policyRecord>
