import type { PolicyWindow } from '@esper/core'
import type { Ruling } from '../decide/decider.js'
import { countIn } from '../decide/window-count.js'

/** What is left of a limit. */
export interface Allowance {
  readonly window: PolicyWindow
  /** Requests that still pass. */
  readonly remaining: number
  /** Seconds until it is whole again. */
  readonly seconds: number
}

/** `RateLimit` and `RateLimit-Policy` as the HTTPAPI working group drafts them (draft-ietf-httpapi-ratelimit-headers). */
export function rateLimitHeaders({ window, remaining, seconds }: Allowance): Record<string, string> {
  const quota = Math.max(0, window.threshold - 1)
  return {
    ratelimit: `"esper";r=${remaining};t=${seconds}`,
    'ratelimit-policy': `"esper";q=${quota};w=${window.seconds}`,
  }
}

/**
 * What a request that passes is told of the limits it counted for: the one with the least left, of those that answer with
 * 429. Undefined where there is none, or nothing is enforced.
 */
export function standingAllowance({ match, counts, verdict }: Ruling, enforces: boolean): Allowance | undefined {
  if (!enforces || match.exemption !== undefined || match.contributions.length === 0) return undefined
  let least: Allowance | undefined
  for (const { policy: prepared, contribution } of match.matched) {
    const { window } = prepared.policy
    const n = contribution === undefined ? undefined : countIn(counts, contribution.windowId)
    if (prepared.mitigation?.response?.status !== 429 || prepared.outcome !== 'block') continue
    if (window === undefined || window.distinct !== undefined || n === undefined) continue
    const remaining = Math.max(0, window.threshold - 1 - n)
    if (least === undefined || remaining < least.remaining) least = { window, remaining, seconds: window.seconds }
  }
  return verdict.enforced ? undefined : least
}
