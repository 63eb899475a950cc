import {
  type Contribution,
  type EntityTuple,
  entityKey,
  type Fields,
  type HeldPolicy,
  type LiveMitigation,
  type Match,
  type MitigationDelta,
  type MitigationRemoval,
  matchEvent,
  type PreparedPolicy,
  type Verdict,
  type WalkState,
  WindowCounter,
  walk,
} from '@esper/core'
import { LRUCache } from 'lru-cache'
import { mac, randomSeed } from '../platform/crypto.js'
import type { Enforces } from '../sync/bundle-store.js'
import type { ClearanceDesk } from './clearance.js'
import { clientText, type Visitor } from './client-text.js'
import { MitigationCache } from './mitigation-cache.js'
import { Releases } from './releases.js'
import { mitigationVersion, type Ruleset } from './ruleset.js'
import { countIn, type WindowCount } from './window-count.js'

/** What a decision is made in. */
export interface DecisionContext {
  readonly ruleset: Ruleset
  /** The event's time, epoch milliseconds. */
  readonly at: number
  /** Whether nothing is enforced, whatever the tenant says. */
  readonly monitor: boolean
  /** What of the bundle is enforced now. */
  readonly enforces: Enforces
  readonly visitor: Visitor
  /** Whether the application may decide again with what it knows: policies that need it are left until then. */
  readonly expectsMore?: boolean
}

/** What the policies say of a request, and what is done about it. */
export interface Ruling {
  readonly verdict: Verdict
  readonly match: Match
  /** The Challenge or Block that happens, or would if anything were enforced. */
  readonly enforce: HeldPolicy | undefined
  readonly enforced: boolean
  /** Whether something held and was let pass because the bundle is past its time. */
  readonly failedOpen: boolean
  /** Counts of the windows that the event was counted in, or would have been, by window identity. */
  readonly counts: readonly WindowCount[]
}

/** Decides from what this process knows: its bundle, its window counts and who is held. No network, no promise. */
export class Decider {
  readonly mitigations: MitigationCache
  readonly #counter: WindowCounter
  readonly #clearances: ClearanceDesk
  readonly #releases = new Releases()
  readonly #state = new EventState(this)
  /** Entity keys by tuple text, under the entity key of the ruleset in force. */
  readonly #keys: LRUCache<string, string>
  #ruleset: Ruleset | undefined

  constructor(options: {
    readonly maxMitigations: number
    readonly maxEntities: number
    readonly clearances: ClearanceDesk
  }) {
    this.mitigations = new MitigationCache(options.maxMitigations)
    this.#counter = new WindowCounter({ seed: randomSeed(), maxEntities: options.maxEntities })
    this.#clearances = options.clearances
    this.#keys = new LRUCache({ max: Math.min(options.maxEntities, 50_000) })
  }

  /** Follows a new bundle. */
  follow(ruleset: Ruleset, now: number): void {
    this.#keys.clear()
    this.#ruleset = ruleset
    this.#clearances.forget()
    const outcome = (policyId: string) => ruleset.set.policyById(policyId)?.outcome
    const isBlock = (policyId: string) => outcome(policyId) === 'block'
    const holds = (policyId: string) => ruleset.set.policyById(policyId)?.canBeActive === true
    this.mitigations.follow({ isBlock, holds }, now)
  }

  /** Follows the broker's deltas. */
  apply(
    deltas: readonly MitigationDelta[],
    full: boolean,
    context: { readonly ruleset: Ruleset | undefined; readonly now: number },
  ): void {
    if (full) this.mitigations.replace(deltas, context.now)
    else for (const delta of deltas) this.mitigations.apply(delta, context.now)
    for (const delta of deltas) if (delta.kind === 'remove') this.#release(delta.removal, context.ruleset)
  }

  /** The key an entity is known by outside this process. */
  keyOf(ruleset: Ruleset, entity: EntityTuple | undefined): string {
    return entityKey((text) => {
      // What is decided again after a new bundle came is still decided with the earlier one, and its key may differ.
      if (ruleset !== this.#ruleset) return mac(ruleset.entityKey, text)
      const known = this.#keys.get(text)
      if (known !== undefined) return known
      const key = mac(ruleset.entityKey, text)
      this.#keys.set(text, key)
      return key
    }, entity)
  }

  /** Decides an event, counting it in the windows of what it matches. */
  rule(fields: Fields, context: DecisionContext): Ruling {
    return this.#rule(fields, context, undefined)
  }

  /**
   * Decides an event again, now that the application has said more of it: `fields` are the earlier ones completed by
   * core's `withApplication`, `context` is the earlier one. What was left then is decided now; what was counted is not
   * counted again, and what was cleared stays cleared. May be called several times, each time with the latest ruling.
   */
  ruleAgain(earlier: Ruling, fields: Fields, context: DecisionContext): Ruling {
    return this.#rule(fields, { ...context, expectsMore: false }, earlier)
  }

  #rule(fields: Fields, context: DecisionContext, earlier: Ruling | undefined): Ruling {
    const { ruleset } = context
    const match = matchEvent(ruleset.set, fields, context.expectsMore === true ? ruleset.matchesFirst : ruleset.matches)
    const isExempt = match.exemption !== undefined
    const counts = this.#count(match, context, earlier?.counts)
    const verdict = walk(ruleset.set, match, this.#state.of({ context, counts, earlier, isExempt }))
    if (!isExempt) for (const held of verdict.held) if (held.origin === 'policy') this.#hold(held, context)
    const { enforce, enforced } = verdict
    if (context.enforces === 'all') return { verdict, match, counts, enforce, enforced, failedOpen: false }
    return { verdict, match, counts, ...settleLate(verdict, context, isExempt) }
  }

  /** Counts the event; an exempt one is counted nowhere, and judged by what the counts would be with it. */
  #count(
    { contributions, exemption }: Match,
    context: DecisionContext,
    earlier: readonly WindowCount[] = NOT_COUNTED,
  ): readonly WindowCount[] {
    let counts = earlier
    for (const contribution of contributions) {
      if (countIn(counts, contribution.windowId) !== undefined) continue
      if (this.#releases.concern(contribution))
        this.#releases.apply(contribution, this.#counter, this.keyOf(context.ruleset, contribution.entity))
      const count =
        exemption === undefined
          ? this.#counter.hit(contribution, context.at)
          : this.#counter.countWith(contribution, context.at)
      counts = [...counts, { windowId: contribution.windowId, count }]
    }
    return counts
  }

  /** How long a client must keep away, in milliseconds, until the policy lets it pass; undefined when no wait helps. */
  waitMs(held: HeldPolicy, match: Match, at: number): number | undefined {
    const { policy, mitigation } = held.policy
    const windowed = match.matched.find((each) => each.policy === held.policy)?.contribution
    const activeUntil =
      held.expiresAt ?? (held.policy.canBeActive ? at + (mitigation?.duration_seconds ?? 0) * 1000 : undefined)
    if (windowed === undefined || policy.window === undefined)
      return activeUntil === undefined ? undefined : activeUntil - at
    const { threshold, seconds } = policy.window
    const stepMs = Math.max(1_000, (seconds * 1_000) / 60)
    let until = activeUntil ?? at
    // The next request counts too, so it passes once the window holds two less than it takes to refuse it.
    // With a threshold of one none ever does.
    const helps = threshold > 1
    for (let step = 0; helps && step < 62 && this.#counter.peek(windowed, until) + 1 >= threshold; step += 1)
      until += stepMs
    return until - at
  }

  /** What holds an entity for a policy, as far as this process knows. */
  active(policy: PreparedPolicy, entity: EntityTuple | undefined, { ruleset, at }: DecisionContext) {
    const policyId = policy.policy.policy_id
    if (!this.mitigations.holdsAny(policyId)) return undefined
    const held = this.mitigations.get(policyId, this.keyOf(ruleset, entity), at)
    if (held === undefined) return undefined
    return { expires_at: held.expiresAt, active_mitigation_id: held.activeMitigationId }
  }

  /** Whether a clearance that the visitor carries answers a policy's challenge; `spends` one that may be used once. */
  cleared(
    policy: PreparedPolicy,
    entity: EntityTuple | undefined,
    { context, spends }: { readonly context: DecisionContext; readonly spends: boolean },
  ): boolean {
    const challenge = policy.mitigation?.challenge
    if (policy.mitigation === undefined || challenge === undefined) return false
    const { ruleset, visitor, at } = context
    const { tokens } = visitor
    if (tokens.length === 0) return false
    return this.#clearances.accepts(
      tokens,
      {
        tenantId: ruleset.bundle.tenant_id,
        countingScope: ruleset.bundle.counting_scope,
        subject: this.subjectText(entity, context),
        mitigation: mitigationVersion(policy.mitigation),
        minLevel: challenge.min_level,
        oneTime: challenge.one_time,
      },
      { keys: ruleset.clearanceKeys, nowMs: at, spends },
    )
  }

  /** Who must have earned a clearance: the entity, or the client where the policy has none. */
  subjectText(entity: EntityTuple | undefined, { ruleset, visitor }: Pick<DecisionContext, 'ruleset' | 'visitor'>) {
    return entity === undefined ? `client\n${clientText(visitor)}` : `entity\n${this.keyOf(ruleset, entity)}`
  }

  /** Holds an entity from here on until the broker's word comes. */
  #hold({ policy, entity }: HeldPolicy, { ruleset, at }: DecisionContext): void {
    if (!policy.canBeActive || policy.mitigation === undefined) return
    const durationMs = policy.mitigation.duration_seconds * 1000
    this.mitigations.hold(policy.policy.policy_id, this.keyOf(ruleset, entity), { at, durationMs })
  }

  /** A release makes the entity's matches before it as if they had not been. */
  #release(removal: MitigationRemoval, ruleset: Ruleset | undefined): void {
    const { policy_id: policyId, entity_key: key, not_before: notBefore } = removal
    const windowId = ruleset?.set.policyById(policyId)?.windowId
    if (windowId !== undefined && notBefore !== undefined) this.#releases.add(windowId, key, notBefore)
  }
}

/** What a walk asks of an event: answered when it asks, from what this process knows. One of them serves all events in turn. */
class EventState implements WalkState {
  readonly #decider: Decider
  #asked: AskedState | undefined

  constructor(decider: Decider) {
    this.#decider = decider
  }

  /** Turns to an event. */
  of(asked: AskedState): this {
    this.#asked = asked
    return this
  }

  get at(): number {
    return this.#now.context.at
  }

  get monitor(): boolean {
    return this.#now.context.monitor
  }

  countOf({ windowId }: Contribution): number | undefined {
    return countIn(this.#now.counts, windowId)
  }

  activeMitigation(policy: PreparedPolicy, entity: EntityTuple | undefined): LiveMitigation | undefined {
    return this.#decider.active(policy, entity, this.#now.context)
  }

  cleared(policy: PreparedPolicy, entity: EntityTuple | undefined): boolean {
    const { context, earlier, isExempt } = this.#now
    return wasCleared(earlier, policy) || this.#decider.cleared(policy, entity, { context, spends: !isExempt })
  }

  get #now(): AskedState {
    if (this.#asked === undefined) throw new TypeError('There is no event yet.')
    return this.#asked
  }
}

interface AskedState {
  readonly context: DecisionContext
  readonly counts: readonly WindowCount[]
  readonly earlier: Ruling | undefined
  readonly isExempt: boolean
}

const NOT_COUNTED: readonly WindowCount[] = []

function wasCleared(earlier: Ruling | undefined, policy: PreparedPolicy): boolean {
  return earlier?.verdict.held.some((held) => held.policy === policy && held.cleared) === true
}

/** Past its time, a bundle enforces only what fails closed, not even that when its time is long over, and exempts as before. */
function settleLate(
  verdict: Verdict,
  { monitor, enforces, ruleset }: DecisionContext,
  isExempt: boolean,
): Pick<Ruling, 'enforce' | 'enforced' | 'failedOpen'> {
  if (enforces === 'nothing') return { enforce: verdict.enforce, enforced: false, failedOpen: true }
  const closed = verdict.held.find(
    ({ outcome, cleared, policy }) => outcome !== 'observe' && !cleared && policy.mitigation?.fail_mode === 'closed',
  )
  const enforced = closed !== undefined && !isExempt && !monitor && ruleset.bundle.enforcement === 'on'
  return { enforce: closed ?? verdict.enforce, enforced, failedOpen: closed === undefined }
}
