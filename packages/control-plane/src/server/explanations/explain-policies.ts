import type { ActionExplanation, EventExplanation, PolicyExplanation, PolicySet } from '@esper/core'
import type { DecisionRecord } from '../../contract/mitigation.js'
import { toDecisionItem } from '../results/decision-item.js'
import type { Presenter } from './present.js'
import type { PolicyExplanationRecord } from './schema.js'
import { agrees, explainBySdk, explainStored, type StoredCase } from './stored-case.js'

/** The policies there are something to say of: those that decided first, then those that matched, then the others. */
export function policyOrder({ set, decisions }: StoredCase, { match }: EventExplanation): readonly string[] {
  const decided = decisions.map(({ policy_id }) => policy_id)
  const matched = match.matched.map(({ policy }) => policy.policy.policy_id)
  const all = set.policies.map(({ policy }) => policy.policy_id)
  return [...new Set([...all.filter((id) => decided.includes(id)), ...decided, ...matched, ...all])]
}

export interface ExplainPoliciesOptions {
  readonly presenter: Presenter
  /** What the SDK decided with, where it decided something. */
  readonly sdkSet: PolicySet | undefined
}

/** Explains these policies; one that the policy set does not have is left out. */
export function explainPolicies(
  stored: StoredCase,
  ids: readonly string[],
  { presenter, sdkSet }: ExplainPoliciesOptions,
): readonly PolicyExplanationRecord[] {
  const byEngine = explainStored(stored, new Set(ids))
  return ids.flatMap((id) => {
    const decision = stored.decisions.find((one) => one.policy_id === id)
    const engine = lookedAt(byEngine, stored.set, id)
    const found = engine !== undefined && agrees(engine.policy, decision) ? engine : sdkOr(engine, id)
    return found === undefined ? [] : toRecord(found, { decision, isDecided: isDecided(stored), presenter })
  })

  /** What the engine's own set and count do not give, the SDK's do: it was ahead of the engine, or behind. */
  function sdkOr(engine: Looked | undefined, id: string): Looked | undefined {
    if (sdkSet === undefined || stored.event.decision?.policy_id !== id) return engine
    return lookedAt(explainBySdk(stored, sdkSet, id), sdkSet, id) ?? engine
  }
}

export function isDecided({ event, decisions }: Pick<StoredCase, 'event' | 'decisions'>): boolean {
  return event.state === 'decided' || decisions.length > 0
}

/** A policy as one policy set explains it. */
interface Looked {
  readonly policy: PolicyExplanation
  readonly actions: readonly ActionExplanation[]
  readonly revision: number
}

function lookedAt({ policies, actions }: EventExplanation, { revision }: PolicySet, id: string): Looked | undefined {
  const policy = policies.find((one) => one.policy.policy.policy_id === id)
  return policy === undefined ? undefined : { policy, actions, revision }
}

interface ToRecord {
  readonly decision: DecisionRecord | undefined
  readonly isDecided: boolean
  readonly presenter: Presenter
}

function toRecord(
  { policy, actions, revision }: Looked,
  { decision, isDecided: decided, presenter }: ToRecord,
): PolicyExplanationRecord {
  const { policy_id, name, revision: policy_revision } = policy.policy.policy
  return {
    ...{ policy_id, name, policy_revision, revision },
    mode: policy.policy.mitigation?.mode ?? 'Monitor',
    ...presenter.policy(policy, actions),
    decision: decision === undefined ? null : toDecisionItem(decision),
    agrees: decided ? agrees(policy, decision) : null,
  }
}
