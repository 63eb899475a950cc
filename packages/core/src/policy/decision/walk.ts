import type { DecisionOrigin, Outcome } from '../../protocol/resources.js'
import type { PolicySet, PreparedPolicy } from '../set/prepare.js'
import type { EntityTuple } from './entity.js'
import type { Contribution, Match, PolicyMatch } from './match.js'

/** A live active mitigation as the walk needs it. */
export interface LiveMitigation {
  /** Absent for a provisional one of the SDK's own. */
  readonly active_mitigation_id?: string | undefined
  /** Epoch milliseconds. */
  readonly expires_at: number
}

/** What a walk knows beyond the event's fields. */
export interface WalkState {
  /** The event's time, epoch milliseconds. */
  readonly at: number
  /** Whether nothing is enforced. */
  readonly monitor: boolean
  /**
   * Count of a window with this event in it, or of an exempt event, as it would be with it. `undefined` when it is not
   * known, and then no threshold is reached.
   */
  countOf(contribution: Contribution): number | undefined
  /** The active mitigation of this policy and entity, if one is live. */
  activeMitigation(policy: PreparedPolicy, entity: EntityTuple | undefined): LiveMitigation | undefined
  /** Whether a valid clearance answers this policy's challenge. */
  cleared(policy: PreparedPolicy, entity: EntityTuple | undefined): boolean
}

/** A policy that holds for an event. */
export interface HeldPolicy {
  readonly policy: PreparedPolicy
  readonly entity: EntityTuple | undefined
  readonly outcome: Outcome
  readonly origin: Exclude<DecisionOrigin, 'failure'>
  /** Count of its window, where it has one and it is known. */
  readonly n: number | undefined
  /** A challenge that a clearance answered. */
  readonly cleared: boolean
  /** A Challenge or Block behind the one that happens. */
  readonly shadowed: boolean
  readonly activeMitigationId: string | undefined
  readonly expiresAt: number | undefined
}

/** What all policies say of an event. */
export interface Verdict {
  /** Every policy that holds, in walk order. */
  readonly held: readonly HeldPolicy[]
  /** The Challenge or Block that happens, or would happen if anything were enforced. */
  readonly enforce: HeldPolicy | undefined
  /** Whether `enforce` happens: there is one, the event is not exempt, and neither the tenant nor the caller only monitors. */
  readonly enforced: boolean
}

/**
 * Walks the policies in order: every one that holds is recorded; the first Challenge or Block that no clearance answers
 * is what happens to the request, those behind it are shadowed. A policy holds when it matches and has no window or
 * its window's count has reached the threshold, or when its active mitigation is live and (scope `entity`, or it matches).
 * For an exempt event it says what would have happened.
 */
export function walk(set: PolicySet, match: Match, state: WalkState): Verdict {
  const walked: Walked = { match, state, held: undefined, enforce: undefined }
  if (set.coversEntities) walkAll(set.policies, walked)
  else for (const matched of match.matched) walkPolicy(matched.policy, matched, walked)
  const { held, enforce } = walked
  const enforces = match.exemption === undefined && !state.monitor && set.enforcement === 'on'
  return { held: held ?? NONE, enforce, enforced: enforce !== undefined && enforces }
}

/** A walk on its way. */
interface Walked {
  readonly match: Match
  readonly state: WalkState
  held: HeldPolicy[] | undefined
  enforce: HeldPolicy | undefined
}

/** The policies that match, and those whose active mitigation may hold without. */
function walkAll(policies: readonly PreparedPolicy[], walked: Walked): void {
  const { match } = walked
  let next = 0
  for (const policy of policies) {
    const matched = match.matched[next]?.policy === policy ? match.matched[next++] : undefined
    if (matched !== undefined || mayHoldUnmatched(policy, match)) walkPolicy(policy, matched, walked)
  }
}

/** A policy that nobody can decide for this event is skipped, with its active mitigations. */
function mayHoldUnmatched(policy: PreparedPolicy, { notCaptured }: Match): boolean {
  return policy.coversEntity && (notCaptured.length === 0 || !notCaptured.includes(policy))
}

function walkPolicy(policy: PreparedPolicy, matched: PolicyMatch | undefined, walked: Walked): void {
  const { match, state } = walked
  const entity = matched === undefined ? match.entityOf(policy) : matched.entity
  if (matched === undefined && entity === undefined) return
  const n = matched?.contribution === undefined ? undefined : state.countOf(matched.contribution)
  const active = policy.canBeActive ? state.activeMitigation(policy, entity) : undefined
  const byItself = matched !== undefined && reaches(policy, n)
  if (!byItself && active === undefined) return
  const { outcome } = policy
  const cleared = outcome === 'challenge' && state.cleared(policy, entity)
  const happens = outcome !== 'observe' && !cleared
  const held: HeldPolicy = {
    policy,
    entity,
    outcome,
    origin: byItself ? 'policy' : 'active_mitigation',
    n,
    cleared,
    shadowed: happens && walked.enforce !== undefined,
    activeMitigationId: active?.active_mitigation_id,
    expiresAt: active?.expires_at,
  }
  if (walked.held === undefined) walked.held = [held]
  else walked.held.push(held)
  if (happens) walked.enforce ??= held
}

const NONE: readonly never[] = Object.freeze([])

function reaches({ policy }: PreparedPolicy, n: number | undefined): boolean {
  return policy.window === undefined || (n !== undefined && n >= policy.window.threshold)
}
