import { z } from 'zod'
import { actionCreate } from '../../actions/schema.js'
import { entityDefinitionCreate } from '../../entity-definitions/schema.js'
import { exemptionCreate } from '../../exemptions/schema.js'
import { listCreate } from '../../lists/schema.js'
import { mitigationCreate } from '../../mitigations/schema.js'
import { policyCreate } from '../../policies/schema.js'
import { nameShape, refuseRepeats } from '../../shapes.js'
import { tenantPatch } from '../../tenants/schema.js'
import { SECTIONS } from './references.js'

/** Version of the document's own shape. */
export const POLICY_SET_FORMAT = 1
const MOST_ITEMS = 2_000

const policyItem = policyCreate.omit({ action_ids: true, entity_definition_id: true, mitigation_id: true }).extend({
  actions: z.array(nameShape).max(32, 'must name at most 32 actions').superRefine(refuseRepeats).default([]),
  entity_definition: nameShape.nullable().default(null),
  mitigation: nameShape.nullable().default(null),
})

const exemptionItem = exemptionCreate.omit({ list_id: true }).extend({ list: nameShape.nullable().default(null) })

/** Each name once: names are what the document refers by. */
function items<S extends z.ZodType<{ readonly name: string }>>(item: S) {
  return z
    .array(item)
    .max(MOST_ITEMS, `must be at most ${MOST_ITEMS.toLocaleString('en')}`)
    .superRefine((list, context) => {
      const names = list.map(({ name }) => name)
      names.forEach((name, index) => {
        if (names.indexOf(name) === index) return
        const message = `repeats "${name}"`
        context.addIssue({ code: 'custom', path: [index, 'name'], message, params: { code: 'duplicate' } })
      })
    })
    .optional()
}

/**
 * A tenant's policy set in one document. What refers to something names it; a section that is there is the whole of it, a
 * section that is left out is left alone.
 */
export const policySetDocument = z.strictObject({
  esper: z.literal(POLICY_SET_FORMAT),
  settings: tenantPatch.pick({ enforcement: true, watch_fields: true, clear_cookies: true }).optional(),
  lists: items(listCreate),
  actions: items(actionCreate),
  entity_definitions: items(entityDefinitionCreate),
  mitigations: items(mitigationCreate),
  policies: items(policyItem),
  exemptions: items(exemptionItem),
})

export const policySetChange = z.object({
  section: z.enum(['settings', ...SECTIONS]),
  verb: z.enum(['create', 'update', 'delete']),
  /** Empty for the settings. */
  name: z.string(),
  /** Of an update: the fields that differ, as the document writes them. */
  fields: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
})

export const policySetPlan = z.object({
  /** Names these changes and no others: what was planned can be applied, or nothing. */
  plan: z.string(),
  changes: z.array(policySetChange),
})

export const policySetApplied = policySetPlan.extend({
  /** The policy set revision that SDKs get. */
  revision: z.number(),
})

export const policySetPlanInput = z.strictObject({ document: policySetDocument })
export const policySetApplyInput = policySetPlanInput.extend({
  /** Refused when the changes would be others by now. */
  plan: z.string().max(100).optional(),
})

export type PolicySetDocument = z.output<typeof policySetDocument>
export type PolicyItem = z.output<typeof policyItem>
export type ExemptionItem = z.output<typeof exemptionItem>
export type PolicySetChange = z.output<typeof policySetChange>
export type PolicySetPlan = z.output<typeof policySetPlan>
export type PolicySetApplied = z.output<typeof policySetApplied>
