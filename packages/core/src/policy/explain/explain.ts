import type { Captured } from '../../protocol/bundle.js'
import { entityValue } from '../decision/entity.js'
import { isOver, type PreparedExemption } from '../decision/exempt.js'
import { type Match, type MatchOptions, matchEvent, type PolicyMatch } from '../decision/match.js'
import { type HeldPolicy, type Verdict, type WalkState, walk } from '../decision/walk.js'
import { fieldPath } from '../fields/field-names.js'
import type { Fields, FieldValue } from '../fields/fields.js'
import { isRedactedPath } from '../fields/redaction.js'
import { isCaptured } from '../set/demand.js'
import type { PolicySet, PreparedAction, PreparedEntity, PreparedPolicy } from '../set/prepare.js'
import { pathSource } from './clause-source.js'
import { type Clause, holdsRedacted, Trace } from './trace.js'

/**
 * Why a policy holds for an event, or does not:
 *
 * - `holds`: it matches, and its window, if any, has reached the threshold
 * - `active_mitigation`: its active mitigation is live
 * - `not_captured`: it reads something the event was not captured with
 * - `response_unknown`: it reads the response, which is not there yet
 * - `deferred`: it reads what the application has not said yet, and is left to the event's second decision
 * - `action`: an action it asks for did not match
 * - `expression`, `expression_error`: its expression is not true, or gives an error
 * - `entity_match`: its entity's match expression is not true
 * - `entity_missing`: every key field of its entity is missing
 * - `distinct_missing`: the field whose values its window counts is missing
 * - `below_threshold`, `count_unknown`: it matches, and its window has not reached the threshold, or nobody knows
 */
export type PolicyReason =
  | 'holds'
  | 'active_mitigation'
  | 'not_captured'
  | 'response_unknown'
  | 'deferred'
  | 'action'
  | 'expression'
  | 'expression_error'
  | 'entity_match'
  | 'entity_missing'
  | 'distinct_missing'
  | 'below_threshold'
  | 'count_unknown'

/** One key field of an entity with its value; `undefined` when it is missing. */
export interface KeyValue {
  readonly field: string
  /** As it enters the entity: an address by its network. */
  readonly value: FieldValue | undefined
  readonly redacted: boolean
}

export interface EntityExplanation {
  readonly entity: PreparedEntity
  /** Of its match expression, if it has one. */
  readonly clause: Clause | undefined
  readonly keyValues: readonly KeyValue[]
}

export interface PolicyExplanation {
  readonly policy: PreparedPolicy
  readonly reason: PolicyReason
  /** Whether the event matches it, whatever its window says. */
  readonly matched: boolean
  /** What it decides; absent when it does not hold. */
  readonly held: HeldPolicy | undefined
  /** Of its expression. */
  readonly clause: Clause | undefined
  readonly entity: EntityExplanation | undefined
  /** Count of its window, where it has one that counts this event and it is known. */
  readonly n: number | undefined
  /** Fields it reads, directly, through actions or for its entity, that the event was not captured with. */
  readonly notCaptured: readonly string[]
}

export interface ActionExplanation {
  readonly action: PreparedAction
  readonly matched: boolean
  readonly clause: Clause | undefined
}

export interface ExemptionExplanation {
  readonly exemption: PreparedExemption
  /** Whether it is the one that exempts the event. */
  readonly applied: boolean
  /** Whether its time is over by the event's. */
  readonly expired: boolean
  /** Whether the event was captured with all that it reads: an alternative of it that was not is not looked at. */
  readonly captured: boolean
  readonly clause: Clause | undefined
}

/** An event's decision with its reasons. */
export interface EventExplanation {
  readonly match: Match
  readonly verdict: Verdict
  readonly actions: readonly ActionExplanation[]
  readonly exemptions: readonly ExemptionExplanation[]
  /** In walk order. */
  readonly policies: readonly PolicyExplanation[]
}

export interface ExplainOptions extends MatchOptions {
  readonly state: WalkState
  /** Explains these policies only; absent, all of them. The decision is of all in either case. */
  readonly policyIds?: ReadonlySet<string> | undefined
}

/**
 * Decides an event as `matchEvent` and `walk` do, and says why: for every policy whether it holds, which clause decided,
 * and what was read. The verdict is theirs; reasons are looked up after it, so that deciding costs nothing more.
 */
export function explainEvent(set: PolicySet, fields: Fields, options: ExplainOptions): EventExplanation {
  const match = matchEvent(set, fields, options)
  const verdict = walk(set, match, options.state)
  const explaining = new Explaining({ set, fields, options, match, verdict })
  const policies = set.policies.filter(({ policy }) => options.policyIds?.has(policy.policy_id) ?? true)
  return {
    match,
    verdict,
    actions: explaining.actions(),
    exemptions: explaining.exemptions(),
    policies: policies.map((policy) => explaining.policy(policy)),
  }
}

interface ExplainingParts {
  readonly set: PolicySet
  readonly fields: Fields
  readonly options: ExplainOptions
  readonly match: Match
  readonly verdict: Verdict
}

class Explaining {
  readonly #parts: ExplainingParts
  readonly #actionTrace: Trace
  readonly #exemptionTrace: Trace
  readonly #trace: Trace

  constructor(parts: ExplainingParts) {
    this.#parts = parts
    const { fields, set, options, match } = parts
    const { clearCookies, exemptions, lists } = set
    const base = { record: fields, captured: options.captured, clearCookies, lists }
    this.#actionTrace = new Trace({ ...base, actions: [] })
    this.#exemptionTrace = new Trace({ ...base, actions: exemptions.inTime(match.actions) })
    this.#trace = new Trace({ ...base, actions: match.actions })
  }

  actions(): readonly ActionExplanation[] {
    const { set, match } = this.#parts
    return set.actions.map((action) => ({
      action,
      matched: match.actions.includes(action.action.name),
      clause: this.#actionTrace.explain(action.action.program),
    }))
  }

  exemptions(): readonly ExemptionExplanation[] {
    const { set, match, fields, options } = this.#parts
    const uncaptured = set.exemptions.notCaptured(options.captured)
    return set.exemptions.all.map((exemption) => ({
      exemption,
      applied: match.exemption === exemption,
      expired: isOver(exemption.exemption, fields),
      captured: !uncaptured.includes(exemption),
      clause: this.#exemptionTrace.explain(exemption.exemption.program),
    }))
  }

  policy(policy: PreparedPolicy): PolicyExplanation {
    const { match, verdict, options } = this.#parts
    const matched = match.matched.find((one) => one.policy === policy)
    const held = verdict.held.find((one) => one.policy === policy)
    const clause = this.#trace.explain(policy.policy.program)
    const entity = policy.entity === undefined ? undefined : this.#entity(policy.entity)
    const n = matched?.contribution === undefined ? undefined : options.state.countOf(matched.contribution)
    const notCaptured = uncapturedFields(policy, options.captured)
    const reason = this.#reason(policy, { matched, held, clause, entity, n })
    return { policy, reason, matched: matched !== undefined, held, clause, entity, n, notCaptured }
  }

  #reason(policy: PreparedPolicy, found: Found): PolicyReason {
    const { match, options } = this.#parts
    const { matched, held, clause, entity, n } = found
    if (held !== undefined) return held.origin === 'policy' ? 'holds' : 'active_mitigation'
    if (matched !== undefined) return windowReason(matched, n)
    if (options.atRequest === true && policy.responseOnly) return 'response_unknown'
    if (match.notCaptured.includes(policy)) return 'not_captured'
    if (match.deferred.includes(policy)) return 'deferred'
    if (policy.actions.some(({ action }) => !match.actions.includes(action.name))) return 'action'
    if (clause?.holds !== true) return clause?.answer.ok === false ? 'expression_error' : 'expression'
    return entity?.clause?.holds === false ? 'entity_match' : 'entity_missing'
  }

  #entity(entity: PreparedEntity): EntityExplanation {
    const { set, fields, match } = this.#parts
    const { frame, clearCookies } = set
    frame.begin(fields)
    frame.actions = match.actions
    return {
      entity,
      clause: entity.applies === undefined ? undefined : this.#trace.explain(entity.definition.match_program),
      keyValues: entity.keyFields.map(({ field, read, isAddress }) => {
        const value = entityValue(read(fields, frame), isAddress)
        return { field, value, redacted: isRedactedPath(fieldPath(field), clearCookies) || holdsRedacted(value) }
      }),
    }
  }
}

interface Found extends Pick<PolicyExplanation, 'held' | 'clause' | 'entity' | 'n'> {
  readonly matched: PolicyMatch | undefined
}

function windowReason({ contribution }: PolicyMatch, n: number | undefined): PolicyReason {
  if (contribution === undefined) return 'distinct_missing'
  return n === undefined ? 'count_unknown' : 'below_threshold'
}

function uncapturedFields({ reads }: PreparedPolicy, captured: Captured | undefined): readonly string[] {
  if (captured === undefined) return []
  return [...new Set(reads.filter((path) => !isCaptured(path, captured)).map(pathSource))]
}
