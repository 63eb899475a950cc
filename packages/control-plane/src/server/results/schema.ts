import { DECISION_ORIGINS, MITIGATION_MODES, OUTCOMES } from '@esper/core'
import { z } from 'zod'
import { timestampShape } from '../shapes.js'

/** What one policy did in a span of time. */
export const policyResult = z.object({
  policy_id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  /** Mode of its mitigation; `Monitor` without one. */
  mode: z.enum(MITIGATION_MODES),
  total: z.number(),
  observe_count: z.number(),
  challenge_count: z.number(),
  block_count: z.number(),
  enforced_count: z.number(),
  cleared_count: z.number(),
  shadowed_count: z.number(),
  /** Verdicts on exempt events: what would have happened. */
  exempt_count: z.number(),
  matched_count: z.number(),
  not_captured_count: z.number(),
  /** Largest window count seen, beside `threshold`: "closest entity: 3 of 5". */
  closest_n: z.number().nullable(),
  threshold: z.number().nullable(),
  last_matched_at: timestampShape.nullable(),
})

export const policyResultList = z.object({
  items: z.array(policyResult),
  /** Events decided in the span. */
  events: z.number(),
  from: timestampShape,
  to: timestampShape,
  next_cursor: z.string().nullable(),
})

export const decisionItem = z.object({
  decision_id: z.string(),
  event_id: z.string(),
  source_id: z.string(),
  policy_id: z.string(),
  policy_revision: z.number(),
  revision: z.number(),
  outcome: z.enum(OUTCOMES),
  enforced: z.boolean(),
  cleared: z.boolean(),
  shadowed: z.boolean(),
  /** The exemption the event matched: what stands here would have happened without it. */
  exemption_id: z.string().nullable(),
  origin: z.enum(DECISION_ORIGINS),
  entity_definition_id: z.string().nullable(),
  /** The key fields' values; redacted ones as their hash. */
  entity: z.array(z.tuple([z.string(), z.string().nullable()])).nullable(),
  n: z.number().nullable(),
  observed_at: timestampShape,
  decided_at: timestampShape,
})

export const policyResultDetail = policyResult.extend({
  from: timestampShape,
  to: timestampShape,
  decisions: z.array(decisionItem),
  next_cursor: z.string().nullable(),
})

export const resultSeries = z.object({
  step_seconds: z.number(),
  from: timestampShape,
  to: timestampShape,
  items: z.array(
    z.object({
      at: timestampShape,
      events: z.number(),
      observe: z.number(),
      challenge: z.number(),
      block: z.number(),
    }),
  ),
})

export type PolicyResult = z.output<typeof policyResult>
export type PolicyResultList = z.output<typeof policyResultList>
export type PolicyResultDetail = z.output<typeof policyResultDetail>
export type DecisionItem = z.output<typeof decisionItem>
export type ResultSeries = z.output<typeof resultSeries>
