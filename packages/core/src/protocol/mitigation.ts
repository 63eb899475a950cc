import type { CountingScope } from './resources.js'

/** Entity key of a policy without an entity: the mitigation concerns every request the policy matches. */
export const WHOLE_POLICY = '*'

/**
 * An entity held by a policy, as it travels to SDKs. Mode and response are read from the bundle when it is applied.
 * Times are epoch milliseconds.
 */
export interface ActiveMitigation {
  readonly active_mitigation_id: string
  readonly policy_id: string
  readonly mitigation_id: string
  readonly counting_scope: CountingScope
  /** HMAC of the entity tuple under the scope's `entity` key, base64url; `*` without an entity. */
  readonly entity_key: string
  readonly since: number
  readonly expires_at: number
  /** Per tenant and strictly rising; gaps are allowed. A cursor. */
  readonly sequence: number
}

/** The end of an active mitigation before its time. */
export interface MitigationRemoval {
  readonly active_mitigation_id: string
  readonly policy_id: string
  readonly counting_scope: CountingScope
  readonly entity_key: string
  readonly sequence: number
  /** After a release: forget this entity's matches before this time, and drop provisional mitigations. */
  readonly not_before?: number
}

export type MitigationDelta =
  | { readonly kind: 'upsert'; readonly mitigation: ActiveMitigation }
  | { readonly kind: 'remove'; readonly removal: MitigationRemoval }

/** A page of deltas after a cursor; `full` when the cursor was too old and `deltas` is the whole state. */
export interface MitigationPage {
  readonly deltas: readonly MitigationDelta[]
  readonly cursor: number
  readonly full: boolean
}
