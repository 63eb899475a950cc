/**
 * What the mitigation broker speaks, under `/internal/v1` with `Authorization: Bearer <service token>`.
 *
 * - `POST /publications` `Publication` -> 200 `{duplicate}`; the same `publication_id` is applied once.
 * - `POST /mitigations/lookup` `LookupRequest` -> `{items: StoredMitigation[]}`: those live at some time in `[from, to]`.
 * - `GET /mitigations?tenant_id&scope&since` -> `MitigationPage` of that counting scope (for SDKs).
 * - `GET /mitigations/live?tenant_id&policy_id&cursor&limit` -> `{items: StoredMitigation[], next_cursor}`.
 * - `GET /mitigations/active/{active_mitigation_id}?tenant_id` -> `StoredMitigation`; 404 unless it is live.
 * - `POST /mitigations/end` `EndRequest` -> `{ended}`: a policy or mitigation was disabled, deleted or set to Monitor.
 * - `POST /mitigations/release` `ReleaseRequest` -> `{released}`.
 * - `GET /stream` -> SSE, all tenants: event `mitigation`, data `{tenant_id, delta}`, id the broker's resume token.
 * - `GET /results/policies?tenant_id&from&to` -> `{items: PolicyCounts[]}`.
 * - `GET /results/series?tenant_id&from&to&policy_id?` -> `{step_seconds, items: SeriesPoint[]}`.
 * - `POST /decisions/lookup` `{tenant_id, events: DecidedEvent[]}` -> `{items: DecisionRecord[]}`: every decision on those events.
 * - `GET /decisions?tenant_id&policy_id&from&to&cursor&limit` -> `{items: DecisionRecord[], next_cursor}`, newest first.
 */
import type { ActiveMitigation, CountingScope, DecisionOrigin, Outcome } from '@esper/core'

/** The verdict of one policy on one event. Times are epoch milliseconds. */
export interface DecisionRecord {
  /** Hash of tenant, source, event and policy. */
  readonly decision_id: string
  readonly tenant_id: string
  readonly source_id: string
  readonly event_id: string
  readonly policy_id: string
  readonly policy_revision: number
  /** Policy set the engine decided with. */
  readonly revision: number
  readonly outcome: Outcome
  readonly enforced: boolean
  readonly cleared: boolean
  readonly shadowed: boolean
  /** The exemption the event matched; what stands here would have happened without it. */
  readonly exemption_id?: string
  readonly origin: DecisionOrigin
  readonly counting_scope: CountingScope
  readonly entity_definition_id?: string
  readonly entity_key?: string
  /** The key fields' values as a person reads them; redacted ones as their hash. */
  readonly entity?: readonly (readonly [field: string, value: string | null])[]
  /** Count of the window as known at commit. */
  readonly n?: number
  readonly observed_at: number
  readonly decided_at: number
}

/** Names an event, and so the decisions on it. */
export type DecidedEvent = Pick<DecisionRecord, 'source_id' | 'event_id' | 'observed_at'>

/** Events of one minute that matched a policy, whether or not it held. */
export interface MatchedCount {
  readonly policy_id: string
  /** Start of the minute, epoch milliseconds. */
  readonly minute: number
  readonly matched: number
  readonly not_captured: number
  /** Largest n of a window seen in this minute. */
  readonly closest_n?: number
  readonly last_matched_at: number
}

/** A mitigation to create or extend: the broker gives it an id and a sequence. */
export type MitigationUpsert = Omit<ActiveMitigation, 'active_mitigation_id' | 'sequence'> & {
  /** Policy set it follows from; refused when the policy was ended at a later one. */
  readonly revision: number
  readonly entity?: DecisionRecord['entity']
  readonly entity_values?: EntityValues
}

/** An entity's key fields whole and typed, as the JSON of `[field, value]` pairs; absent when that is too long to be of use. */
export type EntityValues = string

export interface Publication {
  readonly publication_id: string
  readonly tenant_id: string
  readonly decisions: readonly DecisionRecord[]
  readonly matched: readonly MatchedCount[]
  readonly mitigations: readonly MitigationUpsert[]
  /** Events decided in this publication and what was wrong with others, by minute and reason (`events`, `bad_event:*`, `sdk_decision_rejected`, `exempt:<exemption_id>`). */
  readonly counters: readonly { readonly minute: number; readonly name: string; readonly value: number }[]
}

export interface LookupRequest {
  readonly tenant_id: string
  readonly counting_scope: CountingScope
  readonly from: number
  readonly to: number
  readonly keys: readonly { readonly policy_id: string; readonly entity_key: string }[]
}

export interface StoredMitigation extends ActiveMitigation {
  readonly tenant_id: string
  readonly entity?: DecisionRecord['entity']
  readonly entity_values?: EntityValues
  /** When it was ended before its time. */
  readonly ended_at?: number
  /** Set by a release: matches before this time are forgotten. */
  readonly not_before?: number
}

export interface EndRequest {
  readonly tenant_id: string
  /** Policy set revision of the change. */
  readonly revision: number
  readonly policy_ids: readonly string[]
}

export interface ReleaseRequest {
  readonly tenant_id: string
  readonly active_mitigation_id: string
  readonly not_before: number
}

/** Counts of one policy in a span of time, by the event's own time. */
export interface PolicyCounts {
  readonly policy_id: string
  /** Verdicts: observe, challenge and block together. */
  readonly total: number
  readonly observe_count: number
  readonly challenge_count: number
  readonly block_count: number
  readonly enforced_count: number
  readonly cleared_count: number
  readonly shadowed_count: number
  /** Verdicts on exempt events: what would have happened. */
  readonly exempt_count: number
  readonly matched_count: number
  readonly not_captured_count: number
  /** Largest window count seen: "closest entity: 3 of 5". */
  readonly closest_n: number | null
  readonly last_matched_at: number | null
}

/** Of a policy that did nothing. */
export const NO_COUNTS: Omit<PolicyCounts, 'policy_id'> = {
  total: 0,
  observe_count: 0,
  challenge_count: 0,
  block_count: 0,
  enforced_count: 0,
  cleared_count: 0,
  shadowed_count: 0,
  exempt_count: 0,
  matched_count: 0,
  not_captured_count: 0,
  closest_n: null,
  last_matched_at: null,
}

export interface SeriesPoint {
  readonly at: number
  readonly events: number
  readonly observe: number
  readonly challenge: number
  readonly block: number
}
