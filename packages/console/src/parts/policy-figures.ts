import type { PolicyResult } from '../api/types.js'
import { formatNumber } from '../design/format.js'

/** `3 of 5`: how near the nearest entity came to the threshold. */
export function closest(result: Pick<PolicyResult, 'closest_n' | 'threshold'>): string | undefined {
  if (result.threshold === null || result.closest_n === null) return undefined
  return `${formatNumber(result.closest_n)} of ${formatNumber(result.threshold)}`
}

export interface Totals {
  readonly observe: number
  readonly challenge: number
  readonly block: number
  readonly cleared: number
  readonly enforced: number
}

export function totalsOf(results: readonly PolicyResult[]): Totals {
  const sum = (of: (result: PolicyResult) => number) => results.reduce((total, result) => total + of(result), 0)
  return {
    observe: sum((result) => result.observe_count),
    challenge: sum((result) => result.challenge_count),
    block: sum((result) => result.block_count),
    cleared: sum((result) => result.cleared_count),
    enforced: sum((result) => result.enforced_count),
  }
}
