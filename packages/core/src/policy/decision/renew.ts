import type { LiveMitigation } from './walk.js'

/** A policy that holds for an event by itself. */
export interface Renewal {
  /** The event's time, epoch milliseconds. */
  readonly at: number
  /** How long its mitigation holds an entity. */
  readonly durationMs: number
}

/**
 * Whether a policy that holds by itself makes an active mitigation: where none is live, or less than half of the duration is
 * left of it, so that one entity cannot flood the stream.
 */
export function renews(live: Pick<LiveMitigation, 'expires_at'> | undefined, { at, durationMs }: Renewal): boolean {
  return live === undefined || live.expires_at - at <= durationMs / 2
}
