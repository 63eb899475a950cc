import type { HeldPolicy, PreparedExemption, SdkDecision } from '@esper/core'
import type { Decision } from './decision.js'

/** What a decision says of the policy that settled it. */
export function outcomeOf(
  enforce: HeldPolicy | undefined,
): Pick<Decision, 'outcome' | 'policyId' | 'policyName' | 'n'> {
  if (enforce === undefined || enforce.outcome === 'observe') return { outcome: 'pass' }
  const { policy } = enforce.policy
  const n = enforce.n === undefined ? {} : { n: enforce.n }
  return { outcome: enforce.outcome, policyId: policy.policy_id, policyName: policy.name, ...n }
}

/** What a decision says of the exemption that matched. */
export function exemptOf(
  found: PreparedExemption | undefined,
): Pick<Decision, 'exempt' | 'exemptionId' | 'exemptionName'> {
  if (found === undefined) return { exempt: false }
  const { exemption_id: exemptionId, name: exemptionName } = found.exemption
  return { exempt: true, exemptionId, exemptionName }
}

/** The decision as it travels with the event. */
export function sdkDecisionOf(
  enforce: HeldPolicy | undefined,
  context: {
    readonly revision: number
    readonly enforced: boolean
    readonly cleared: readonly string[]
    readonly failedOpen: boolean
    readonly exemptionId: string | undefined
  },
): SdkDecision {
  const { revision, enforced, cleared, failedOpen, exemptionId } = context
  const shared = {
    revision,
    enforced,
    ...(exemptionId === undefined ? {} : { exemption_id: exemptionId }),
    ...(cleared.length === 0 ? {} : { cleared }),
    ...(failedOpen ? { failed_open: true } : {}),
  }
  if (enforce === undefined || enforce.outcome === 'observe') return shared
  return {
    ...shared,
    policy_id: enforce.policy.policy.policy_id,
    outcome: enforce.outcome,
    origin: enforce.origin,
    ...(enforce.n === undefined ? {} : { n: enforce.n }),
    ...(enforce.activeMitigationId === undefined ? {} : { active_mitigation_id: enforce.activeMitigationId }),
  }
}
