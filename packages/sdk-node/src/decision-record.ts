import type { HeldPolicy, PreparedExemption, SdkDecision } from '@esper/core'
import type { Decision, UnenforcedReason } from './decision.js'

/** What there is to say of an event beyond that it passed. */
export interface Findings {
  /** The policy that settles it; one that only observes settles nothing. */
  readonly enforce: HeldPolicy | undefined
  readonly exemption: PreparedExemption | undefined
  readonly unenforced: UnenforcedReason | undefined
}

/** A decision out of what it would be if the event passed. That is what nearly all do, and then nothing is copied. */
export function decisionOf(passed: Decision, { enforce, exemption, unenforced }: Findings): Decision {
  if (enforce === undefined && exemption === undefined) return passed
  return {
    ...passed,
    ...outcomeOf(enforce),
    ...exemptOf(exemption),
    ...(unenforced === undefined ? {} : { unenforced }),
  }
}

function outcomeOf(enforce: HeldPolicy | undefined): Partial<Decision> {
  if (enforce === undefined || enforce.outcome === 'observe') return {}
  const { policy } = enforce.policy
  const n = enforce.n === undefined ? {} : { n: enforce.n }
  return { outcome: enforce.outcome, policyId: policy.policy_id, policyName: policy.name, ...n }
}

function exemptOf(found: PreparedExemption | undefined): Partial<Decision> {
  if (found === undefined) return {}
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
  const settles = enforce !== undefined && enforce.outcome !== 'observe'
  const passes = { revision, enforced }
  if (!settles && cleared.length === 0 && !failedOpen && exemptionId === undefined) return passes
  const shared = {
    ...passes,
    ...(exemptionId === undefined ? {} : { exemption_id: exemptionId }),
    ...(cleared.length === 0 ? {} : { cleared }),
    ...(failedOpen ? { failed_open: true } : {}),
  }
  if (!settles) return shared
  return {
    ...shared,
    policy_id: enforce.policy.policy.policy_id,
    outcome: enforce.outcome,
    origin: enforce.origin,
    ...(enforce.n === undefined ? {} : { n: enforce.n }),
    ...(enforce.activeMitigationId === undefined ? {} : { active_mitigation_id: enforce.activeMitigationId }),
  }
}
