import type { Outcome } from '@esper/core'
import type { DecisionRecord, Publication } from '../contract/mitigation.js'
import { type Grain, WHOLE_TENANT } from './documents.js'

export const GRAIN_MS: Readonly<Record<Grain, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }
const GRAINS: readonly Grain[] = ['minute', 'hour', 'day']

/** What a publication adds to one roll-up document. */
export interface RollupChange {
  readonly id: string
  readonly tenantId: string
  readonly grain: Grain
  readonly at: number
  readonly policyId: string
  /** Field path to increment. */
  readonly inc: Record<string, number>
  /** Field to raise to at least this. */
  readonly max: Record<string, number>
}

/** Name of a counter as a field name: no dots, no dollars, bounded. */
export function counterName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_:-]/g, '_').slice(0, 64)
}

/** Adds up everything a publication counts, one change a document, in the order of ids so that writers lock alike. */
export function rollupChanges(
  publication: Pick<Publication, 'tenant_id' | 'matched' | 'counters'>,
  decisions: readonly DecisionRecord[],
): readonly RollupChange[] {
  const sum = new RollupSum(publication.tenant_id)
  for (const decision of decisions) {
    for (const policyId of [decision.policy_id, WHOLE_TENANT]) {
      for (const change of sum.at(policyId, decision.observed_at)) addDecision(change.inc, decision)
    }
  }
  for (const item of publication.matched) {
    for (const { inc, max } of sum.at(item.policy_id, item.minute)) {
      add(inc, 'matched', item.matched)
      add(inc, 'not_captured', item.not_captured)
      if (item.closest_n !== undefined) raise(max, 'closest_n', item.closest_n)
      if (item.matched > 0) raise(max, 'last_matched_at', item.last_matched_at)
    }
  }
  for (const { minute, name, value } of publication.counters) {
    for (const { inc } of sum.at(WHOLE_TENANT, minute)) add(inc, `counters.${counterName(name)}`, value)
  }
  return sum.sorted()
}

class RollupSum {
  readonly #tenantId: string
  readonly #changes = new Map<string, RollupChange>()

  constructor(tenantId: string) {
    this.#tenantId = tenantId
  }

  at(policyId: string, time: number): readonly RollupChange[] {
    return GRAINS.map((grain) => {
      const at = Math.floor(time / GRAIN_MS[grain]) * GRAIN_MS[grain]
      const id = `${this.#tenantId}:${grain}:${at}:${policyId}`
      const known = this.#changes.get(id)
      if (known !== undefined) return known
      const change: RollupChange = { id, tenantId: this.#tenantId, grain, at, policyId, inc: {}, max: {} }
      this.#changes.set(id, change)
      return change
    })
  }

  sorted(): readonly RollupChange[] {
    return [...this.#changes.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}

function addDecision(inc: Record<string, number>, decision: DecisionRecord): void {
  const outcome: Outcome = decision.outcome
  add(inc, outcome, 1)
  if (decision.enforced) add(inc, 'enforced', 1)
  if (decision.cleared) add(inc, 'cleared', 1)
  if (decision.shadowed) add(inc, 'shadowed', 1)
  if (decision.exemption_id !== undefined) add(inc, 'exempt', 1)
}

function add(inc: Record<string, number>, name: string, value: number): void {
  if (value !== 0) inc[name] = (inc[name] ?? 0) + value
}

function raise(max: Record<string, number>, name: string, value: number): void {
  max[name] = Math.max(max[name] ?? value, value)
}

export interface Segment {
  readonly grain: Grain
  readonly from: number
  readonly to: number
}

/** Covers a span with as few documents as its edges allow: days inside, hours around them, minutes at the ends. */
export function segmentsOf(from: number, to: number): readonly Segment[] {
  const start = Math.floor(from / GRAIN_MS.minute) * GRAIN_MS.minute
  const end = Math.ceil(to / GRAIN_MS.minute) * GRAIN_MS.minute
  return split(start, end, 'day')
}

const FINER: Readonly<Record<Grain, Grain | undefined>> = { day: 'hour', hour: 'minute', minute: undefined }

function split(from: number, to: number, grain: Grain): readonly Segment[] {
  if (from >= to) return []
  const finer = FINER[grain]
  if (finer === undefined) return [{ grain, from, to }]
  const first = Math.ceil(from / GRAIN_MS[grain]) * GRAIN_MS[grain]
  const last = Math.floor(to / GRAIN_MS[grain]) * GRAIN_MS[grain]
  if (first >= last) return split(from, to, finer)
  return [...split(from, first, finer), { grain, from: first, to: last }, ...split(last, to, finer)]
}
