import { type LiveMitigation, renews } from '@esper/core'
import type { MitigationUpsert, StoredMitigation } from '../contract/mitigation.js'

/** Whom a mitigation concerns, as one text. */
export function mitigationKey(scope: string, policyId: string, entityKey: string): string {
  return `${policyId} ${entityKey} ${scope}`
}

/** An SDK follows a mitigation that has just ended, or one that a faster clock has begun, for so long. */
const SLACK_MS = 5_000

/** Active mitigations as a claim sees them: what is stored, plus what its own events give rise to, in their order. */
export class MitigationView {
  readonly #stored = new Map<string, StoredMitigation[]>()
  readonly #own = new Map<string, MitigationUpsert>()
  readonly upserts: MitigationUpsert[] = []

  constructor(stored: readonly StoredMitigation[]) {
    for (const row of stored) {
      const key = mitigationKey(row.counting_scope, row.policy_id, row.entity_key)
      this.#stored.set(key, [...(this.#stored.get(key) ?? []), row])
    }
  }

  /** The one that is live at a time. */
  liveAt(key: string, at: number): LiveMitigation | undefined {
    const own = this.#own.get(key)
    const stored = this.#stored.get(key)?.find((row) => isLive(row, at))
    if (own !== undefined && own.since <= at && at < own.expires_at) {
      return { ...stored, expires_at: Math.max(own.expires_at, stored?.expires_at ?? 0) }
    }
    return stored
  }

  /** Whether this very one was live then, as far as clocks and the way to the SDK allow to tell. */
  wasLive(key: string, activeMitigationId: string, at: number): boolean {
    const row = this.#stored.get(key)?.find((one) => one.active_mitigation_id === activeMitigationId)
    return row !== undefined && (isLive(row, at) || isLive(row, at - SLACK_MS) || isLive(row, at + SLACK_MS))
  }

  /** Since when an entity's matches count: a release forgets those before it. */
  notBefore(key: string): number {
    return (this.#stored.get(key) ?? []).reduce((latest, row) => Math.max(latest, row.not_before ?? 0), 0)
  }

  /**
   * A policy held by itself: creates a mitigation, or extends one after half its duration. One whose time is already
   * over comes to nothing, so that importing the past blocks nobody today.
   */
  hold(key: string, upsert: MitigationUpsert, now: number): void {
    if (upsert.expires_at <= now || upsert.since < this.notBefore(key)) return
    const durationMs = upsert.expires_at - upsert.since
    if (!renews(this.liveAt(key, upsert.since), { at: upsert.since, durationMs })) return
    this.#own.set(key, upsert)
    this.upserts.push(upsert)
  }
}

function isLive(row: StoredMitigation, at: number): boolean {
  return row.since <= at && at < Math.min(row.expires_at, row.ended_at ?? Number.POSITIVE_INFINITY)
}
