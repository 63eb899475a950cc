import type { MatchedCount, Publication } from '../contract/mitigation.js'
import type { CounterHit } from './claim-events.js'

const MINUTE_MS = 60_000

function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS
}

interface MatchSum {
  readonly policy_id: string
  readonly minute: number
  matched: number
  not_captured: number
  closest_n: number | undefined
  last_matched_at: number
}

/** Adds up what a claim counts besides decisions, by minute of event time. */
export class Tally {
  readonly #matches = new Map<string, MatchSum>()
  readonly #counters = new Map<string, { readonly minute: number; readonly name: string; value: number }>()

  event(at: number): void {
    this.count({ at, name: 'events', value: 1 })
  }

  count({ at, name, value }: CounterHit): void {
    const minute = minuteOf(at)
    const key = `${minute} ${name}`
    const known = this.#counters.get(key)
    if (known === undefined) this.#counters.set(key, { minute, name, value })
    else known.value += value
  }

  matched(policyId: string, at: number, n: number | undefined): void {
    const sum = this.#match(policyId, at)
    sum.matched += 1
    sum.last_matched_at = Math.max(sum.last_matched_at, at)
    if (n !== undefined) sum.closest_n = Math.max(sum.closest_n ?? 0, n)
  }

  notCaptured(policyId: string, at: number): void {
    this.#match(policyId, at).not_captured += 1
  }

  #match(policyId: string, at: number): MatchSum {
    const minute = minuteOf(at)
    const key = `${minute} ${policyId}`
    const known = this.#matches.get(key)
    if (known !== undefined) return known
    const sum = { policy_id: policyId, minute, matched: 0, not_captured: 0, closest_n: undefined, last_matched_at: 0 }
    this.#matches.set(key, sum)
    return sum
  }

  matches(): readonly MatchedCount[] {
    return [...this.#matches.values()].map(({ closest_n, ...rest }) =>
      closest_n === undefined ? rest : { ...rest, closest_n },
    )
  }

  counters(): Publication['counters'] {
    return [...this.#counters.values()]
  }
}
