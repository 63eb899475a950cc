import {
  type ApplicationFields,
  EventLineWriter,
  type Fields,
  type Lane,
  NO_DEMAND,
  type SdkDecision,
} from '@esper/core'
import type { Decider, DecisionContext, Ruling } from './decide/decider.js'
import { EventEncoder, type Subject } from './decide/event-encoder.js'
import { type Ruleset, redactWith } from './decide/ruleset.js'
import { type Decision, idsOf, passed as passedDecision, type UnenforcedReason } from './decision.js'
import { decisionOf, sdkDecisionOf } from './decision-record.js'
import type { EventSink } from './deliver/event-sink.js'
import { isChallengeable } from './enforce/reply.js'
import type { ServerClock } from './platform/clock.js'
import { randomId, randomKey } from './platform/crypto.js'
import { Recent } from './platform/recent.js'
import { ReadRequest } from './request/read-request.js'
import type { BundleState, BundleStore } from './sync/bundle-store.js'

/** Who stands ready to do what a decision says. */
export interface Standing {
  /** Whether somebody answers for Esper where it says so. */
  readonly enforces: boolean
  /** Whether the application may say more of the event and have it decided again. */
  readonly expectsMore: boolean
}

/** An event that has been decided and not yet recorded. */
export interface Evaluation {
  readonly decision: Decision
  readonly fields: Fields
  readonly observedAt: number
  readonly sdkDecision: SdkDecision
  readonly lane: Lane
  readonly revision: number
  readonly subject: Subject
  /** Absent without a bundle. */
  readonly ruled?: { readonly context: DecisionContext; readonly ruling: Ruling }
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
  /** Without a bundle, nothing beyond what always is captured. */
  readonly #bareEncoder = new EventEncoder({
    ...{ demand: NO_DEMAND, clearCookies: [], sourceId: '', trustLevel: 'External' },
    redact: redactWith(randomKey()),
  })
  readonly #lines = new EventLineWriter()
  readonly #recent = new Recent<Evaluation>()
  #failedOpen = 0
  #exempt = 0

  constructor(options: DecidingClientOptions) {
    this.#options = options
  }

  /** Events that passed because there was nothing to decide with. */
  get failedOpen(): number {
    return this.#failedOpen
  }

  /** Events that an exemption matched. */
  get exempt(): number {
    return this.#exempt
  }

  /**
   * Decides. Never throws and never waits: whatever fails, the request passes. Where nobody stands there to enforce it,
   * the event says so.
   */
  evaluate(subject: Subject, standing: Standing): Evaluation {
    const evaluation = this.#evaluate(subject, standing)
    const { failedOpen, exempt } = evaluation.decision
    if (failedOpen) this.#failedOpen += 1
    if (exempt) this.#exempt += 1
    this.#options.onDecision?.(evaluation.decision)
    this.#recent.keep(evaluation)
    return evaluation
  }

  /**
   * Decides an event again, with what the application knows of it by now. It stays one event, counted once. Never throws:
   * when something fails, the earlier decision stands.
   */
  evaluateAgain(earlier: Evaluation, known: ApplicationFields, enforces: boolean): Evaluation {
    try {
      const again = this.#evaluateAgain(earlier, known, enforces)
      if (again.decision.exempt && !earlier.decision.exempt) this.#exempt += 1
      this.#options.onDecision?.(again.decision)
      return again
    } catch (error) {
      this.#options.onFailure('decide', error)
      return earlier
    }
  }

  /** Records a decided event, with what the application answered if it did. Never throws. */
  record(evaluation: Evaluation, response?: { readonly status: number; readonly ms: number }): void {
    const { decision, fields, observedAt, sdkDecision, lane, revision } = evaluation
    const { sink } = this.#options
    if (sink === undefined) return
    try {
      const event = { event_id: decision.reference, observed_at: observedAt, fields, decision: sdkDecision }
      sink.offer(this.#lines.write(event, response), lane, revision)
    } catch (error) {
      this.#options.onFailure('record', error)
    }
  }

  #evaluate(subject: Subject, standing: Standing): Evaluation {
    const { store, clock, onFailure } = this.#options
    const observedAt = clock.now()
    const state = store.state(observedAt)
    const { ruleset } = store
    try {
      if (ruleset === undefined)
        return undecided(subject, this.#bareEncoder.encode(subject, observedAt), { observedAt })
      const fields = ruleset.encoder.encode(subject, observedAt)
      const context: DecisionContext = {
        ruleset,
        at: observedAt,
        monitor: this.#options.monitor,
        enforces: store.enforces(observedAt),
        visitor: subject,
        expectsMore: standing.expectsMore,
      }
      const ruling = this.#options.decider.rule(fields, context)
      return this.#describe({ subject, fields, context, ruling, state, enforces: standing.enforces })
    } catch (error) {
      onFailure('decide', error)
      return undecided(subject, {}, { observedAt, state })
    }
  }

  #evaluateAgain(earlier: Evaluation, known: ApplicationFields, enforces: boolean): Evaluation {
    const { ruled, subject, decision } = earlier
    const encoder = ruled?.context.ruleset.encoder ?? this.#bareEncoder
    const fields = encoder.complete(earlier.fields, known)
    if (ruled === undefined) return { ...earlier, fields }
    const { context } = ruled
    const ruling = this.#options.decider.ruleAgain(ruled.ruling, fields, context)
    const state = decision.bundle === 'disabled' ? 'fresh' : decision.bundle
    return this.#describe({ subject, fields, context, ruling, state, enforces, reference: decision.reference })
  }

  #describe(found: {
    readonly subject: Subject
    readonly fields: Fields
    readonly context: DecisionContext
    readonly ruling: Ruling
    readonly state: BundleState
    readonly enforces: boolean
    readonly reference?: string
  }): Evaluation {
    const { subject, fields, context, ruling, state } = found
    const { enforce, failedOpen, verdict, match } = ruling
    const passes = enforce?.outcome === 'challenge' && subject instanceof ReadRequest && !isChallengeable(subject.facts)
    const enforced = ruling.enforced && !passes && found.enforces
    const unenforced = enforced
      ? undefined
      : this.#whyNot({ ruling, ruleset: context.ruleset, passes, again: found.reference !== undefined })
    const { revision } = context.ruleset.bundle
    const { exemption } = match
    const cleared = idsOf(verdict.held, (held) => held.cleared)
    const passed: Decision = {
      outcome: 'pass',
      enforced,
      exempt: false,
      observed: idsOf(verdict.held, (held) => held.outcome === 'observe'),
      cleared,
      actions: match.actions,
      failedOpen,
      bundle: state,
      revision,
      reference: found.reference ?? randomId(),
    }
    const decision = decisionOf(passed, { enforce, exemption, unenforced })
    const exemptionId = exemption?.exemption.exemption_id
    const sdkDecision = sdkDecisionOf(enforce, { revision, enforced, cleared, failedOpen, exemptionId })
    const lane = verdict.held.length > 0 ? 'decision' : 'observation'
    return {
      decision,
      fields,
      observedAt: context.at,
      sdkDecision,
      lane,
      revision,
      subject,
      ruled: { context, ruling },
    }
  }

  #whyNot(found: {
    readonly ruling: Ruling
    readonly ruleset: Ruleset
    readonly passes: boolean
    readonly again: boolean
  }): UnenforcedReason | undefined {
    const { ruling, ruleset, passes, again } = found
    if (ruling.enforce === undefined || ruling.enforce.outcome === 'observe') return undefined
    if (ruling.match.exemption !== undefined) return 'exempt'
    if (this.#options.monitor) return 'monitor'
    if (ruleset.bundle.enforcement === 'monitor') return 'tenant_monitor'
    if (!ruling.enforced) return 'expired'
    if (passes) return 'not_challengeable'
    return again ? 'answered' : 'not_asked'
  }
}

/** What passes because there is nothing to decide with, or deciding failed. */
function undecided(
  subject: Subject,
  fields: Fields,
  known: { readonly observedAt: number; readonly state?: BundleState },
): Evaluation {
  const { observedAt, state = 'never_loaded' } = known
  const decision = passedDecision(randomId(), state, true)
  const sdkDecision = { revision: 0, enforced: false, failed_open: true }
  return { decision, fields, observedAt, sdkDecision, lane: 'observation', revision: 0, subject }
}
