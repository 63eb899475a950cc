/** How far a source is believed. `Internal` and `Trusted` sources of a tenant count together; an `External` one alone. */
export const TRUST_LEVELS = ['External', 'Internal', 'Trusted'] as const
export type TrustLevel = (typeof TRUST_LEVELS)[number]

/** What a mitigation does to a request whose policy holds. */
export const MITIGATION_MODES = ['Monitor', 'Challenge', 'Block'] as const
export type MitigationMode = (typeof MITIGATION_MODES)[number]

/** Whether an active mitigation concerns only requests that match its policy, or every request of its entity. */
export const MITIGATION_SCOPES = ['policy', 'entity'] as const
export type MitigationScope = (typeof MITIGATION_SCOPES)[number]

/** What the SDK does once its bundle is past `not_after`: enforce nothing (`open`) or the last known verdicts (`closed`). */
export const FAIL_MODES = ['open', 'closed'] as const
export type FailMode = (typeof FAIL_MODES)[number]

/** The verdict of one policy on one event. */
export const OUTCOMES = ['observe', 'challenge', 'block'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** Where a verdict comes from: the policy itself, an active mitigation, or a failure of Esper. */
export const DECISION_ORIGINS = ['policy', 'active_mitigation', 'failure'] as const
export type DecisionOrigin = (typeof DECISION_ORIGINS)[number]

/** The tenant's switch: `monitor` evaluates and records everything and enforces nothing. */
export const ENFORCEMENTS = ['on', 'monitor'] as const
export type Enforcement = (typeof ENFORCEMENTS)[number]

/** The sources that count together: all Internal and Trusted sources of a tenant, or one External source. */
export type CountingScope = 'tenant' | `source:${string}`

/** The counting scope of a source of this trust level. */
export function countingScope(trustLevel: TrustLevel, sourceId: string): CountingScope {
  return trustLevel === 'External' ? `source:${sourceId}` : 'tenant'
}

const OUTCOME_OF_MODE: Readonly<Record<MitigationMode, Outcome>> = {
  Monitor: 'observe',
  Challenge: 'challenge',
  Block: 'block',
}

/** The outcome a policy gives when its mitigation has this mode; a policy without a mitigation observes. */
export function outcomeOfMode(mode: MitigationMode | undefined): Outcome {
  return mode === undefined ? 'observe' : OUTCOME_OF_MODE[mode]
}
