import { NO_COUNTS, type PolicyCounts, type SeriesPoint } from '../contract/mitigation.js'
import { type Grain, type RollupDocument, WHOLE_TENANT } from './documents.js'
import type { PublicationStore } from './publication-store.js'
import { GRAIN_MS, segmentsOf } from './rollups.js'

export interface Span {
  readonly tenantId: string
  readonly from: number
  readonly to: number
}

export interface PolicyResults {
  readonly items: readonly PolicyCounts[]
  /** Events of the span and what was wrong with some, by name. */
  readonly counters: Readonly<Record<string, number>>
}

/** Counts by policy over a span of event time, widened to whole minutes. */
export async function policyResults(store: PublicationStore, span: Span): Promise<PolicyResults> {
  const rows = await store.rollups({ tenantId: span.tenantId, spans: segmentsOf(span.from, span.to) })
  const counts = new Map<string, PolicyCounts>()
  const counters: Record<string, number> = {}
  for (const row of rows) {
    if (row.policy_id !== WHOLE_TENANT) {
      counts.set(row.policy_id, addRow(counts.get(row.policy_id) ?? { policy_id: row.policy_id, ...NO_COUNTS }, row))
    }
    for (const [name, value] of Object.entries(row.counters ?? {})) counters[name] = (counters[name] ?? 0) + value
  }
  return { items: [...counts.values()].sort((a, b) => (a.policy_id < b.policy_id ? -1 : 1)), counters }
}

function addRow(counts: PolicyCounts, row: RollupDocument): PolicyCounts {
  const { observe = 0, challenge = 0, block = 0 } = row
  return {
    policy_id: counts.policy_id,
    total: counts.total + observe + challenge + block,
    observe_count: counts.observe_count + observe,
    challenge_count: counts.challenge_count + challenge,
    block_count: counts.block_count + block,
    enforced_count: counts.enforced_count + (row.enforced ?? 0),
    cleared_count: counts.cleared_count + (row.cleared ?? 0),
    shadowed_count: counts.shadowed_count + (row.shadowed ?? 0),
    exempt_count: counts.exempt_count + (row.exempt ?? 0),
    matched_count: counts.matched_count + (row.matched ?? 0),
    not_captured_count: counts.not_captured_count + (row.not_captured ?? 0),
    closest_n: largest(counts.closest_n, row.closest_n),
    last_matched_at: largest(counts.last_matched_at, row.last_matched_at),
  }
}

function largest(a: number | null, b: number | undefined): number | null {
  return b === undefined ? a : Math.max(a ?? b, b)
}

const MINUTE_SERIES_MS = 6 * GRAIN_MS.hour
const HOUR_SERIES_MS = 14 * GRAIN_MS.day

export interface Series {
  readonly step_seconds: number
  readonly items: readonly SeriesPoint[]
}

/** Events and verdicts over time, every step present: minutes up to six hours, hours up to two weeks, then days. */
export async function series(store: PublicationStore, span: Span & { policyId?: string | undefined }): Promise<Series> {
  const grain = grainOf(span.to - span.from)
  const stepMs = GRAIN_MS[grain]
  const from = Math.floor(span.from / stepMs) * stepMs
  const to = Math.ceil(span.to / stepMs) * stepMs
  const spans = [{ grain, from, to }]
  const { tenantId, policyId = WHOLE_TENANT } = span
  const whole = await store.rollups({ tenantId, policyId: WHOLE_TENANT, spans })
  const verdicts = policyId === WHOLE_TENANT ? whole : await store.rollups({ tenantId, policyId, spans })
  const events = new Map(whole.map((row) => [row.at, row.counters?.events ?? 0]))
  const outcomes = new Map(verdicts.map((row) => [row.at, row]))
  const items: SeriesPoint[] = []
  for (let at = from; at < to; at += stepMs) {
    const { observe = 0, challenge = 0, block = 0 } = outcomes.get(at) ?? {}
    items.push({ at, events: events.get(at) ?? 0, observe, challenge, block })
  }
  return { step_seconds: stepMs / 1_000, items }
}

function grainOf(spanMs: number): Grain {
  if (spanMs <= MINUTE_SERIES_MS) return 'minute'
  return spanMs <= HOUR_SERIES_MS ? 'hour' : 'day'
}
