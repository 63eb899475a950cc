import { OUTCOMES } from '@esper/core'
import { z } from 'zod'
import { decisionItem } from '../results/schema.js'
import { idShape, pageQueryShape, sourceIdShape, spanQueryShape, timestampShape } from '../shapes.js'

/** What the SDK enforced for the event, as it reported it. */
const reportedDecision = z.object({
  revision: z.number(),
  policy_id: z.string().optional(),
  outcome: z.enum(['challenge', 'block']).optional(),
  enforced: z.boolean(),
  origin: z.enum(['policy', 'active_mitigation', 'failure']).optional(),
  n: z.number().optional(),
  active_mitigation_id: z.string().optional(),
  exemption_id: z.string().optional(),
  cleared: z.array(z.string()).optional(),
  failed_open: z.boolean().optional(),
})

export const eventRecord = z.object({
  event_id: z.string(),
  tenant_id: z.string(),
  source_id: z.string(),
  batch_id: z.string(),
  observed_at: timestampShape,
  received_at: timestampShape,
  /** `waiting` until the engine has decided it; `dead` when it could not. */
  state: z.enum(['waiting', 'decided', 'dead']),
  fields: z.record(z.string(), z.unknown()),
  /** What the SDK did. */
  decision: reportedDecision.nullable(),
  /** What each policy that held decided, as the engine stored it. */
  decisions: z.array(decisionItem),
})

/** `none`: no policy held for it. */
export const EVENT_OUTCOMES = [...OUTCOMES, 'none'] as const

export const eventsQuery = z.strictObject({
  ...pageQueryShape,
  ...spanQueryShape,
  source_id: sourceIdShape.optional(),
  /** Events with a value that holds this text, in any case. */
  text: z.string().trim().min(1).max(256, 'must be at most 256 characters').optional(),
  /** Events on which some policy decided this. */
  outcome: z.enum(EVENT_OUTCOMES).optional(),
  /** Events on which this policy decided something. */
  policy_id: idShape.optional(),
})

/** `?observed_at` finds an event at once; without it, every batch is searched from the newest on. */
export const eventQuery = z.strictObject({ observed_at: spanQueryShape.from })

export const eventPage = z.object({
  items: z.array(eventRecord),
  /** A page may be short, even empty, and still have one: events are looked through a piece at a time. */
  next_cursor: z.string().nullable(),
  from: timestampShape,
  to: timestampShape,
})

export type EventRecord = z.output<typeof eventRecord>
export type EventOutcome = (typeof EVENT_OUTCOMES)[number]
export type EventsQuery = z.output<typeof eventsQuery>
export type EventPage = z.output<typeof eventPage>
