import type { HeldPolicy } from '@esper/core'
import type { BundleState } from './sync/bundle-store.js'

/**
 * Why a challenge or block was not enforced: an exemption matched, this client is in Monitor mode, the tenant is, the bundle is past its time,
 * a request of its kind is never challenged, the application had begun to answer, or nobody stands there to enforce it.
 */
export type UnenforcedReason =
  | 'exempt'
  | 'monitor'
  | 'tenant_monitor'
  | 'expired'
  | 'not_challengeable'
  | 'answered'
  | 'not_asked'

/** What Esper says about a request. */
export interface Decision {
  /** What the policies say: nothing against it, a challenge, or a block. */
  readonly outcome: 'pass' | 'challenge' | 'block'
  /** Whether the request meets it: false for `pass`, in Monitor mode, and where the request is exempt. */
  readonly enforced: boolean
  /** Why not, where the outcome is no `pass` and the request does not meet it. */
  readonly unenforced?: UnenforcedReason
  /** The policy that says so. */
  readonly policyId?: string
  readonly policyName?: string
  /** Count of the policy's window as this process knows it. */
  readonly n?: number
  /** Whether an exemption matched: nothing is enforced or counted, and `outcome` is what would have happened. */
  readonly exempt: boolean
  /** The exemption that matched. */
  readonly exemptionId?: string
  readonly exemptionName?: string
  /** Policies that hold and only observe. */
  readonly observed: readonly string[]
  /** Policies whose challenge a clearance answered. */
  readonly cleared: readonly string[]
  /** Names of the actions that matched. */
  readonly actions: readonly string[]
  /** Whether the request passed because Esper could not decide. */
  readonly failedOpen: boolean
  readonly bundle: BundleState | 'disabled'
  /** Revision decided with; 0 without a bundle. */
  readonly revision: number
  /** Id of the event: on the page a visitor sees, in `Esper-Reference`, and in the console. */
  readonly reference: string
}

/** A decision of a process that knows nothing, or wants to know nothing. */
export function passed(reference: string, bundle: Decision['bundle'], failedOpen: boolean): Decision {
  return {
    outcome: 'pass',
    enforced: false,
    exempt: false,
    observed: [],
    cleared: [],
    actions: [],
    failedOpen,
    bundle,
    revision: 0,
    reference,
  }
}

const NONE: readonly string[] = Object.freeze([])

/** Ids of the held policies that a test picks. */
export function idsOf(held: readonly HeldPolicy[], picks: (each: HeldPolicy) => boolean): readonly string[] {
  if (held.length === 0) return NONE
  return held.filter(picks).map(({ policy }) => policy.policy.policy_id)
}
