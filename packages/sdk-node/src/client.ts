import {
  type EventLine,
  encodeRequest,
  type Fields,
  type HeldPolicy,
  type Lane,
  NO_DEMAND,
  type PreparedExemption,
  type SdkDecision,
  withResponse,
} from '@esper/core'
import type { Decider, Ruling } from './decide/decider.js'
import { type Ruleset, redactWith } from './decide/ruleset.js'
import { type Decision, idsOf, passed, type UnenforcedReason } from './decision.js'
import type { EventSink } from './deliver/event-sink.js'
import { clientText } from './enforce/challenge-desk.js'
import { isChallengeable } from './enforce/reply.js'
import type { ServerClock } from './platform/clock.js'
import { randomId, randomKey } from './platform/crypto.js'
import type { ReadRequest } from './request/read-request.js'
import type { BundleState, BundleStore } from './sync/bundle-store.js'

/** A request that has been decided and not yet recorded. */
export interface Evaluation {
  readonly decision: Decision
  readonly fields: Fields
  readonly observedAt: number
  readonly sdkDecision: SdkDecision
  readonly lane: Lane
  readonly revision: number
  readonly request: ReadRequest
  /** Absent without a bundle. */
  readonly ruled?: { readonly ruleset: Ruleset; readonly ruling: Ruling }
}

export interface DecidingClientOptions {
  readonly clock: ServerClock
  readonly store: BundleStore
  readonly decider: Decider
  /** Where events go; absent without a control plane. */
  readonly sink: Pick<EventSink, 'offer'> | undefined
  readonly monitor: boolean
  /** Told of each decision; must not throw. */
  readonly onDecision?: ((decision: Decision) => void) | undefined
  readonly onFailure: (where: string, error: unknown) => void
}

/** Decides and records, with no I/O of its own. */
export class DecidingClient {
  readonly #options: DecidingClientOptions
  readonly #redactUnknown = redactWith(randomKey())
  #failedOpen = 0
  #exempt = 0

  constructor(options: DecidingClientOptions) {
    this.#options = options
  }

  /** Requests that passed because there was nothing to decide with. */
  get failedOpen(): number {
    return this.#failedOpen
  }

  /** Requests that an exemption matched. */
  get exempt(): number {
    return this.#exempt
  }

  /**
   * Decides. Never throws and never waits: whatever fails, the request passes. Without `enforcing` nobody stands there to
   * enforce it, and the event says so.
   */
  evaluate(request: ReadRequest, enforcing = true): Evaluation {
    const evaluation = this.#evaluate(request, enforcing)
    this.#options.onDecision?.(evaluation.decision)
    return evaluation
  }

  #evaluate(request: ReadRequest, enforcing: boolean): Evaluation {
    const { store, clock, onFailure } = this.#options
    const observedAt = clock.now()
    const state = store.state(observedAt)
    try {
      const ruleset = store.ruleset
      const evaluation =
        ruleset === undefined
          ? this.#undecided(request, observedAt)
          : this.#decided(request, { ruleset, state, observedAt, enforcing })
      if (evaluation.decision.failedOpen) this.#failedOpen += 1
      return evaluation
    } catch (error) {
      onFailure('decide', error)
      this.#failedOpen += 1
      const decision = passed(randomId(), state, true)
      const sdkDecision = { revision: 0, enforced: false, failed_open: true }
      return { decision, fields: {}, observedAt, sdkDecision, lane: 'observation', revision: 0, request }
    }
  }

  /** Records a decided request, with what the application answered if it did. Never throws. */
  record(evaluation: Evaluation, response?: { readonly status: number; readonly ms: number }): void {
    const { decision, fields, observedAt, sdkDecision, lane, revision } = evaluation
    const { sink } = this.#options
    if (sink === undefined) return
    try {
      const event: EventLine = {
        event_id: decision.reference,
        observed_at: observedAt,
        fields: response === undefined ? fields : withResponse(fields, response),
        decision: sdkDecision,
      }
      sink.offer(JSON.stringify(event), lane, revision)
    } catch (error) {
      this.#options.onFailure('record', error)
    }
  }

  #encode(request: ReadRequest, observedAt: number, ruleset: Ruleset | undefined): Fields {
    return encodeRequest(request.input, {
      demand: ruleset?.bundle.demand ?? NO_DEMAND,
      clearCookies: ruleset?.bundle.clear_cookies ?? [],
      sourceId: ruleset?.bundle.source_id ?? '',
      trustLevel: ruleset?.bundle.trust_level ?? 'External',
      observedAt,
      redact: ruleset === undefined ? this.#redactUnknown : redactWith(ruleset.redactionKey),
    })
  }

  #undecided(request: ReadRequest, observedAt: number): Evaluation {
    const fields = this.#encode(request, observedAt, undefined)
    const decision = passed(randomId(), 'never_loaded', true)
    const sdkDecision = { revision: 0, enforced: false, failed_open: true }
    return { decision, fields, observedAt, sdkDecision, lane: 'observation', revision: 0, request }
  }

  #decided(
    request: ReadRequest,
    context: {
      readonly ruleset: Ruleset
      readonly state: BundleState
      readonly observedAt: number
      readonly enforcing: boolean
    },
  ): Evaluation {
    const { ruleset, state, observedAt, enforcing } = context
    const fields = this.#encode(request, observedAt, ruleset)
    const { address } = request.client
    const ruling = this.#options.decider.rule(fields, {
      ruleset,
      at: observedAt,
      monitor: this.#options.monitor,
      enforces: this.#options.store.enforces(observedAt),
      tokens: request.tokens,
      clientText: clientText({ address, userAgent: request.userAgent }),
    })
    const { enforce, failedOpen, verdict, match } = ruling
    const passes = enforce?.outcome === 'challenge' && !isChallengeable(request.facts)
    const enforced = ruling.enforced && !passes && enforcing
    const unenforced = enforced ? undefined : this.#whyNot({ ruling, ruleset, passes })
    const revision = ruleset.bundle.revision
    const cleared = idsOf(verdict.held, (held) => held.cleared)
    const exemptionId = match.exemption?.exemption.exemption_id
    const decision: Decision = {
      ...outcomeOf(enforce),
      enforced,
      ...exemptOf(match.exemption),
      ...(unenforced === undefined ? {} : { unenforced }),
      observed: idsOf(verdict.held, (held) => held.outcome === 'observe'),
      cleared,
      actions: match.actions,
      failedOpen,
      bundle: state,
      revision,
      reference: randomId(),
    }
    if (decision.exempt) this.#exempt += 1
    const sdkDecision = sdkDecisionOf(enforce, { revision, enforced, cleared, failedOpen, exemptionId })
    const lane = verdict.held.length > 0 ? 'decision' : 'observation'
    return { decision, fields, observedAt, sdkDecision, lane, revision, request, ruled: { ruleset, ruling } }
  }

  #whyNot(found: {
    readonly ruling: Ruling
    readonly ruleset: Ruleset
    readonly passes: boolean
  }): UnenforcedReason | undefined {
    const { ruling, ruleset, passes } = found
    if (ruling.enforce === undefined || ruling.enforce.outcome === 'observe') return undefined
    if (ruling.match.exemption !== undefined) return 'exempt'
    if (this.#options.monitor) return 'monitor'
    if (ruleset.bundle.enforcement === 'monitor') return 'tenant_monitor'
    if (!ruling.enforced) return 'expired'
    return passes ? 'not_challengeable' : 'not_asked'
  }
}

function outcomeOf(enforce: HeldPolicy | undefined): Pick<Decision, 'outcome' | 'policyId' | 'policyName' | 'n'> {
  if (enforce === undefined || enforce.outcome === 'observe') return { outcome: 'pass' }
  const { policy } = enforce.policy
  const n = enforce.n === undefined ? {} : { n: enforce.n }
  return { outcome: enforce.outcome, policyId: policy.policy_id, policyName: policy.name, ...n }
}

function exemptOf(found: PreparedExemption | undefined): Pick<Decision, 'exempt' | 'exemptionId' | 'exemptionName'> {
  if (found === undefined) return { exempt: false }
  const { exemption_id: exemptionId, name: exemptionName } = found.exemption
  return { exempt: true, exemptionId, exemptionName }
}

function sdkDecisionOf(
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
