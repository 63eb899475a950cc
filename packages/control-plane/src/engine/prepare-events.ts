import {
  type CountingScope,
  type EntityTuple,
  type Match,
  matchEvent,
  NO_DEMAND,
  outcomeOfMode,
  type PreparedPolicy,
  type SdkDecision,
  walk,
} from '@esper/core'
import type { LookupRequest } from '../contract/mitigation.js'
import type { ClaimEvent } from './claim-events.js'
import { mitigationKey } from './mitigation-view.js'
import type { LoadedPolicySet } from './policy-source.js'
import { pagesOf, type WindowHit } from './window-ledger.js'

/** What the SDK says it did, as far as it can be checked without knowing which mitigations were live. */
export type SdkClaim =
  /** Nothing held for the SDK, or an exemption that checks out let it pass. */
  | { readonly kind: 'none'; readonly exemptionId?: string | undefined }
  | { readonly kind: 'rejected' }
  | {
      readonly kind: 'plausible'
      readonly decision: SdkDecision
      readonly policy: PreparedPolicy
      readonly entity: EntityTuple | undefined
      readonly outcome: 'challenge' | 'block'
      readonly mitigationKey: string
      readonly exemptionId: string | undefined
    }

/** An event with all that depends on its fields alone. */
export interface PreparedEvent {
  readonly source: ClaimEvent
  readonly match: Match
  readonly sdk: SdkClaim
  /** Whether an exemption reads something that the event was not captured with. */
  readonly lacksExemption: boolean
}

export interface PreparedClaim {
  readonly events: readonly PreparedEvent[]
  /** One a counting scope: every mitigation that deciding may ask for. */
  readonly lookups: readonly LookupRequest[]
  /** Every page of every window that deciding may read or write. */
  readonly pages: readonly string[]
}

/** The policy sets that the events of a claim name, by revision. */
export type SetsByRevision = ReadonlyMap<number, LoadedPolicySet>

/** Revisions that deciding these events needs besides the latest. */
export function revisionsOf(events: readonly ClaimEvent[]): ReadonlySet<number> {
  const revisions = new Set<number>()
  for (const { capturedRevision, event } of events) {
    if (capturedRevision > 0) revisions.add(capturedRevision)
    const { policy_id: policyId, exemption_id: exemptionId, revision } = event.decision ?? {}
    if (revision !== undefined && (policyId ?? exemptionId) !== undefined) revisions.add(revision)
  }
  return revisions
}

/** Matches every event once; what is needed from outside to decide them follows from it. */
export function prepareEvents(
  events: readonly ClaimEvent[],
  { latest, byRevision }: { readonly latest: LoadedPolicySet; readonly byRevision: SetsByRevision },
): PreparedClaim {
  const wanted = new Wanted()
  const prepared = events.map((source) => {
    const sdk = checkSdkDecision(source, byRevision)
    const captured = source.captured ?? byRevision.get(source.capturedRevision)?.demand ?? NO_DEMAND
    const match = matchEvent(latest.set, source.fields, { captured })
    wanted.add(source, { latest, match, sdk })
    const lacksExemption = latest.set.exemptions.notCaptured(captured).length > 0
    return { source, match, sdk, lacksExemption }
  })
  return { events: prepared, lookups: wanted.lookups(), pages: wanted.pages() }
}

/**
 * The policy existed at that revision, the event's fields match it or name the entity that it holds, and the outcome is its
 * mode; an exemption it names existed too, and nothing was enforced.
 */
function checkSdkDecision(source: ClaimEvent, byRevision: SetsByRevision): SdkClaim {
  const { decision } = source.event
  if (decision === undefined || (decision.policy_id ?? decision.exemption_id) === undefined) return { kind: 'none' }
  const { exemption_id: exemptionId } = decision
  const loaded = byRevision.get(decision.revision)
  if (loaded === undefined) return REJECTED
  // An SDK decides before the response is known.
  const match = matchEvent(loaded.set, source.fields, { atRequest: true })
  const wasExempt = match.exemption?.exemption.exemption_id === exemptionId && !decision.enforced
  if (exemptionId !== undefined && !wasExempt) return REJECTED
  if (decision.policy_id === undefined) return { kind: 'none', exemptionId }
  const policy = loaded.set.policyById(decision.policy_id)
  if (policy === undefined || decision.outcome === undefined) return REJECTED
  if (outcomeOfMode(policy.mitigation?.mode) !== decision.outcome) return REJECTED
  const isHeld = decision.origin === 'active_mitigation'
  const matched = match.matched.find((one) => one.policy === policy)
  const entity = matched === undefined ? match.entityOf(policy) : matched.entity
  if (isHeld && !policy.canBeActive) return REJECTED
  if (matched === undefined && !(isHeld && policy.coversEntity && entity !== undefined)) return REJECTED
  const { scope } = source.context
  const key = mitigationKey(scope, decision.policy_id, source.context.keyOf(entity))
  return {
    ...{ kind: 'plausible', decision, policy, entity, outcome: decision.outcome },
    ...{ mitigationKey: key, exemptionId },
  }
}

const REJECTED: SdkClaim = Object.freeze({ kind: 'rejected' })

/** The window of a contribution, under the key of its entity. */
export function windowHits(source: ClaimEvent, match: Match): readonly WindowHit[] {
  return match.contributions.map(({ windowId, entity, seconds, distinct }) => ({
    tenantId: source.tenantId,
    scope: source.context.scope,
    windowId,
    entityKey: source.context.keyOf(entity),
    seconds,
    distinct,
  }))
}

interface WantedScope {
  readonly keys: Map<string, { readonly policy_id: string; readonly entity_key: string }>
  from: number
  to: number
}

/** Gathers what deciding will ask for, by walking each event once with a state that knows nothing and notes the questions. */
class Wanted {
  readonly #scopes = new Map<CountingScope, WantedScope>()
  readonly #pages = new Set<string>()
  #tenantId = ''

  add(
    source: ClaimEvent,
    { latest, match, sdk }: { readonly latest: LoadedPolicySet; readonly match: Match; readonly sdk: SdkClaim },
  ): void {
    this.#tenantId = source.tenantId
    for (const hit of windowHits(source, match)) for (const id of pagesOf(hit, source.at)) this.#pages.add(id)
    const ask = (policy: PreparedPolicy, entity: EntityTuple | undefined) => {
      this.#ask(source, policy.policy.policy_id, source.context.keyOf(entity))
      return undefined
    }
    walk(latest.set, match, {
      at: source.at,
      monitor: false,
      countOf: () => undefined,
      activeMitigation: ask,
      cleared: () => false,
    })
    // A release is known from the mitigation it ended, whatever has become of the policy's mode since.
    for (const { policy, entity, contribution } of match.matched) if (contribution !== undefined) ask(policy, entity)
    if (sdk.kind === 'plausible') ask(sdk.policy, sdk.entity)
  }

  #ask({ at, context }: ClaimEvent, policyId: string, entityKey: string): void {
    const known = this.#scopes.get(context.scope)
    const wanted = known ?? { keys: new Map(), from: at, to: at }
    if (known === undefined) this.#scopes.set(context.scope, wanted)
    wanted.keys.set(`${policyId} ${entityKey}`, { policy_id: policyId, entity_key: entityKey })
    wanted.from = Math.min(wanted.from, at)
    wanted.to = Math.max(wanted.to, at)
  }

  lookups(): readonly LookupRequest[] {
    return [...this.#scopes].map(([scope, { keys, from, to }]) => ({
      tenant_id: this.#tenantId,
      counting_scope: scope,
      from: Math.max(0, from - SLACK_MS),
      to: to + SLACK_MS,
      keys: [...keys.values()],
    }))
  }

  pages(): readonly string[] {
    return [...this.#pages].sort()
  }
}

const SLACK_MS = 10_000
