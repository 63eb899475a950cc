import {
  type Captured,
  type EventExplanation,
  explainEvent,
  type PolicyExplanation,
  type PolicySet,
  type WalkState,
} from '@esper/core'
import type { StoredEvent } from '../../contract/ingestion.js'
import type { DecisionRecord } from '../../contract/mitigation.js'

/** All that is kept of an event's decision: it follows from this, and from nothing else. */
export interface StoredCase {
  readonly event: StoredEvent
  readonly decisions: readonly DecisionRecord[]
  /** What it was decided with. */
  readonly set: PolicySet
  /** What it was captured with. */
  readonly captured: Captured
}

/** Decides the event again as the engine did, with the counts and the active mitigations that its decisions tell of. */
export function explainStored(stored: StoredCase, policyIds: ReadonlySet<string>): EventExplanation {
  const { event, set, captured } = stored
  return explainEvent(set, event.fields, { captured, policyIds, state: engineState(stored) })
}

export function engineState({ event, decisions, set }: Omit<StoredCase, 'captured'>): WalkState {
  const counts = new Map<string, number>()
  for (const { policy_id: policyId, n } of decisions) {
    const windowId = set.policyById(policyId)?.windowId
    if (windowId !== undefined && n !== undefined) counts.set(windowId, n)
  }
  const held = new Set(decisions.filter(({ origin }) => origin !== 'policy').map(({ policy_id }) => policy_id))
  return {
    at: event.observed_at,
    monitor: true,
    countOf: ({ windowId }) => counts.get(windowId),
    activeMitigation: ({ policy }) => (held.has(policy.policy_id) ? LIVE : undefined),
    cleared: ({ policy }) => event.decision?.cleared?.includes(policy.policy_id) === true,
  }
}

/** That one was live is known from the decision; until when it was makes no difference to it. */
const LIVE = Object.freeze({ expires_at: 0 })

/**
 * What the SDK decided, by the policy set and the count it had: where it got ahead of the engine, or behind, its decision is
 * the one that was stored.
 */
export function explainBySdk({ event, decisions }: StoredCase, sdkSet: PolicySet, policyId: string): EventExplanation {
  const decision = decisions.find(({ policy_id }) => policy_id === policyId)
  const n = event.decision?.n ?? decision?.n
  const isHeld = (event.decision?.origin ?? decision?.origin) !== 'policy'
  const state: WalkState = {
    at: event.observed_at,
    monitor: true,
    countOf: () => n,
    activeMitigation: ({ policy }) => (isHeld && policy.policy_id === policyId ? LIVE : undefined),
    cleared: () => false,
  }
  return explainEvent(sdkSet, event.fields, { policyIds: new Set([policyId]), state })
}

/** Whether an explanation gives what was stored of its policy. */
export function agrees({ held, policy }: PolicyExplanation, decision: DecisionRecord | undefined): boolean {
  if (decision === undefined) return held === undefined
  return held?.outcome === decision.outcome && policy.policy.revision === decision.policy_revision
}
