import type { CountingScope } from '@esper/core'
import type { DecisionRecord, StoredMitigation } from '../contract/mitigation.js'

/** A publication that was applied: its existence is what makes a repeat harmless. */
export interface PublicationDocument {
  readonly _id: string
  readonly tenant_id: string
  readonly applied_at: Date
  readonly expire_at: Date
}

/** `_id` is the `decision_id`. */
export interface DecisionDocument extends Omit<DecisionRecord, 'decision_id'> {
  readonly _id: string
  readonly expire_at: Date
}

/** `_id` is the `active_mitigation_id`. Replaced as a whole, so that a change stream sees each version. */
export interface MitigationDocument extends Omit<StoredMitigation, 'active_mitigation_id'> {
  readonly _id: string
  readonly expire_at: Date
}

/** The last sequence given out for a tenant. Written in every transaction that changes its mitigations: it orders them. */
export interface SequenceDocument {
  readonly _id: string
  readonly value: number
}

/** Policy set revision at which a policy stopped enforcing: what follows from an older one is refused. */
export interface EndingDocument {
  /** `<tenant_id>:<policy_id>`. */
  readonly _id: string
  readonly tenant_id: string
  readonly revision: number
}

export type Grain = 'minute' | 'hour' | 'day'

/** Verdicts and matches of a policy, or with `*` of the whole tenant, in one minute, hour or day of event time. */
export interface RollupDocument {
  /** `<tenant_id>:<grain>:<at>:<policy_id>`. */
  readonly _id: string
  readonly tenant_id: string
  readonly grain: Grain
  readonly at: number
  readonly policy_id: string
  readonly observe?: number
  readonly challenge?: number
  readonly block?: number
  readonly enforced?: number
  readonly cleared?: number
  readonly shadowed?: number
  readonly exempt?: number
  readonly matched?: number
  readonly not_captured?: number
  readonly closest_n?: number
  readonly last_matched_at?: number
  /** Events and what was wrong with some, by name; only under `*`. */
  readonly counters?: Readonly<Record<string, number>>
  readonly expire_at?: Date
}

/** Policy id of the roll-ups of a whole tenant. */
export const WHOLE_TENANT = '*'

export interface MitigationKey {
  readonly tenant_id: string
  readonly policy_id: string
  readonly counting_scope: CountingScope
  readonly entity_key: string
}
