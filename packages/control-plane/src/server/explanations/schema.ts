import { MITIGATION_MODES } from '@esper/core'
import { z } from 'zod'
import { eventQuery } from '../events/schema.js'
import { EXPRESSION_KINDS } from '../expressions/schema.js'
import { policyCreate } from '../policies/schema.js'
import { decisionItem } from '../results/schema.js'
import { idShape, pageQueryShape, timestampShape } from '../shapes.js'

/** What a clause gives. A value that is the hash of a credential, or was made from one, is not shown. */
const answerRecord = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown().optional(), redacted: z.boolean() }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
])

const readRecord = z.object({
  field: z.string(),
  /** Absent when it is missing, redacted or not captured. */
  value: z.unknown().optional(),
  missing: z.boolean(),
  redacted: z.boolean(),
  captured: z.boolean(),
})

const operandRecord = z.object({ source: z.string(), answer: answerRecord })

/** A condition of an expression, with what it gave and what that came from. */
export const clauseRecord = z
  .object({
    source: z.string(),
    kind: z.enum(['and', 'or', 'not', 'if', 'condition']),
    answer: answerRecord,
    holds: z.boolean(),
    /** Whether evaluation got there. */
    reached: z.boolean(),
    /** Whether the answer of the whole rests on it. */
    decided: z.boolean(),
    reads: z.array(readRecord),
    operands: z.array(operandRecord),
    get clauses() {
      return z.array(clauseRecord)
    },
  })
  .meta({ id: 'Clause' })

/** Why a policy holds or does not; `not_in_force` and `unusable`: the policy set did not have it, or could not use it. */
export const EXPLANATION_REASONS = [
  'holds',
  'active_mitigation',
  'not_captured',
  'response_unknown',
  'deferred',
  'action',
  'expression',
  'expression_error',
  'entity_match',
  'entity_missing',
  'distinct_missing',
  'below_threshold',
  'count_unknown',
  'not_in_force',
  'unusable',
] as const

const explanationShape = {
  reason: z.enum(EXPLANATION_REASONS),
  /** Whether the event matches it, whatever its window says. */
  matched: z.boolean(),
  /** The actions it asks for. */
  actions: z.array(
    z.object({ action_id: z.string(), name: z.string(), matched: z.boolean(), clause: clauseRecord.nullable() }),
  ),
  /** Of its expression. */
  clause: clauseRecord.nullable(),
  entity: z
    .object({
      entity_definition_id: z.string(),
      name: z.string(),
      /** Of its match expression. */
      clause: clauseRecord.nullable(),
      /** `null` is missing. */
      key_values: z.array(z.object({ field: z.string(), value: z.unknown(), redacted: z.boolean() })),
    })
    .nullable(),
  window: z
    .object({
      seconds: z.number(),
      threshold: z.number(),
      distinct: z.string().nullable(),
      /** As it was counted when the event was decided; unknown unless a decision kept it. */
      n: z.number().nullable(),
    })
    .nullable(),
  /** Fields it needs that the event was not captured with. */
  not_captured: z.array(z.string()),
}

const headShape = {
  event_id: z.string(),
  source_id: z.string(),
  observed_at: timestampShape,
}

export const policyExplanation = z.object({
  policy_id: z.string(),
  name: z.string(),
  policy_revision: z.number().nullable(),
  mode: z.enum(MITIGATION_MODES),
  /** The policy set it was looked at in: the engine's, or the SDK's where that is what happened to the request. */
  revision: z.number(),
  ...explanationShape,
  /** What was stored. */
  decision: decisionItem.nullable(),
  /** Whether looking again gives what was stored; `null` while nothing is. */
  agrees: z.boolean().nullable(),
})

const exemptionExplanation = z.object({
  exemption_id: z.string(),
  name: z.string(),
  applied: z.boolean(),
  expired: z.boolean(),
  captured: z.boolean(),
  clause: clauseRecord.nullable(),
})

export const eventExplanation = z.object({
  ...headShape,
  /** Policy set that it is explained with. */
  revision: z.number(),
  /** Whether that is the one the event was decided with; otherwise the one in force, as it is not decided yet. */
  decided: z.boolean(),
  /** Names of the actions that matched. */
  actions: z.array(z.string()),
  /** Those that exempt the event, or would but for their time or for what was captured. */
  exemptions: z.array(exemptionExplanation),
  /** Those that decided something first, then those that matched, then the others, in walk order. */
  policies: z.array(policyExplanation),
  next_cursor: z.string().nullable(),
})

export const explainQuery = z.strictObject({
  ...eventQuery.shape,
  ...pageQueryShape,
  limit: z.coerce
    .number()
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(50, 'must be at most 50')
    .default(20),
  policy_id: idShape.optional(),
})

/** An expression, or a whole policy, that is not saved. */
export const explainDraft = z.strictObject({
  kind: z.enum(EXPRESSION_KINDS).default('policy'),
  ...policyCreate.pick({
    expression: true,
    action_ids: true,
    entity_definition_id: true,
    mitigation_id: true,
    window: true,
  }).shape,
})

export const draftExplanation = z.object({
  ...headShape,
  /** The policy set whose actions, entities and cookies in clear it was tried with: the one in force. */
  revision: z.number(),
  ...explanationShape,
})

/** What a draft would have said to the newest events: enough to see before saving whether it means what was meant. */
export const draftMatches = z.object({
  /** Events it was tried on, and since when. */
  events: z.number(),
  since: timestampShape.nullable(),
  matched: z.number(),
  not_captured: z.number(),
  /** Events for which its expression gives an error. */
  failed: z.number(),
  /** The newest that it matches. */
  matching: z.array(z.object({ event_id: z.string(), observed_at: timestampShape })),
})

export type ClauseRecord = z.output<typeof clauseRecord>
export type ClauseAnswer = z.output<typeof answerRecord>
export type ClauseRead = z.output<typeof readRecord>
export type ExplanationReason = (typeof EXPLANATION_REASONS)[number]
export type PolicyExplanationRecord = z.output<typeof policyExplanation>
export type EventExplanationRecord = z.output<typeof eventExplanation>
export type ExplainQuery = z.output<typeof explainQuery>
export type ExplainDraft = z.output<typeof explainDraft>
export type ExplainDraftInput = z.input<typeof explainDraft>
export type DraftMatches = z.output<typeof draftMatches>
export type DraftExplanationRecord = z.output<typeof draftExplanation>
