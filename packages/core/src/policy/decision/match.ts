import { canonicalJson } from '../../codec/canonical-json.js'
import type { Captured } from '../../protocol/bundle.js'
import type { Frame } from '../expression/frame.js'
import type { Fields } from '../fields/fields.js'
import type { PolicySet, PreparedEntity, PreparedPolicy } from '../set/prepare.js'
import { type EntityTuple, entityValue, readEntity } from './entity.js'
import type { PreparedExemption } from './exempt.js'
import { isUnsaid } from './unsaid.js'

/** What an event adds to a window. */
export interface Contribution {
  /** Identity of the window. */
  readonly windowId: string
  /** Absent: the window counts the whole policy. */
  readonly entity: EntityTuple | undefined
  /** Length of the window. */
  readonly seconds: number
  /** Canonical value, where different values are counted. */
  readonly distinct?: string
}

/** A policy that an event matches. */
export interface PolicyMatch {
  readonly policy: PreparedPolicy
  readonly entity: EntityTuple | undefined
  /** Absent without a window, or when the field to be counted by value is missing. */
  readonly contribution: Contribution | undefined
}

/** What an event matches: depends on its fields only. */
export interface Match {
  /** Names of the actions that matched. */
  readonly actions: readonly string[]
  /** Exempts the event from everything its policies say: nothing is enforced, counted or held. */
  readonly exemption: PreparedExemption | undefined
  /** In walk order. */
  readonly matched: readonly PolicyMatch[]
  /** One for each window identity. An exempt event adds to none of them. */
  readonly contributions: readonly Contribution[]
  /** Policies that read something the event was not captured with: neither matched nor unmatched. */
  readonly notCaptured: readonly PreparedPolicy[]
  /** Policies left for the event's second decision: see `MatchOptions.expectsMore`. */
  readonly deferred: readonly PreparedPolicy[]
  /** The entity a policy looks at in this event; `undefined` when it has none or it does not apply. */
  entityOf(policy: PreparedPolicy): EntityTuple | undefined
}

export interface MatchOptions {
  /** What the event was captured with; absent: all that the set's programs read. */
  readonly captured?: Captured
  /** Whether the response is not known yet: policies that read it are left to the engine. */
  readonly atRequest?: boolean
  /**
   * Whether the application may still say more of this event: `user_id`, `labels`. A policy that reads one of these and
   * finds it missing is then left undecided, with its window and the active mitigations of its entity, and is listed in
   * `deferred`; an exemption that does exempts nothing yet. Default: nothing is left.
   *
   * For the second decision complete the record by `withApplication` and call `matchEvent` again without this: what was
   * decided the first time is decided alike, because none of its fields has changed. Count only the contributions whose
   * `windowId` the first match did not have, and nothing counts twice.
   */
  readonly expectsMore?: boolean
}

/** Matches an event against a policy set. Never throws: a policy whose expression errs does not match. */
export function matchEvent(set: PolicySet, fields: Fields, options: MatchOptions = NO_OPTIONS): Match {
  const { frame, index, policies } = set
  frame.begin(fields)
  const view = index.view(options.captured, options.atRequest === true)
  const match = new EventMatch(set, fields, { options, notCaptured: view.notCaptured })
  const found = index.findPolicies(frame)
  for (let word = 0; word < found.length; word++) {
    let bits = (found[word] ?? 0) & (view.decided[word] ?? 0)
    while (bits !== 0) {
      const policy = policies[(word << 5) + lowestBit(bits)]
      if (policy !== undefined) match.look(policy)
      bits &= bits - 1
    }
  }
  return match
}

const NO_OPTIONS: MatchOptions = Object.freeze({})
const NONE: readonly never[] = Object.freeze([])

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}

function matchedActions({ actions, frame, index }: PolicySet): readonly string[] {
  let names: string[] | undefined
  const found = index.findActions(frame)
  for (let word = 0; word < found.length; word++) {
    for (let bits = found[word] ?? 0; bits !== 0; bits &= bits - 1) {
      const action = actions[(word << 5) + lowestBit(bits)]
      if (action === undefined || action.condition(frame.record, frame) !== true) continue
      if (names === undefined) names = [action.action.name]
      else names.push(action.action.name)
    }
  }
  return names ?? NONE
}

/** Policies that read something which the application has not said. */
function deferredOf({ applicationPolicies }: PolicySet, fields: Fields): readonly PreparedPolicy[] {
  // Before the application has said anything, and that is nearly always, nothing has to be made.
  if (fields.user_id === undefined && fields.labels === undefined) return applicationPolicies
  return applicationPolicies.filter(({ applicationReads }) => isUnsaid(applicationReads, fields))
}

interface EventView {
  readonly options: MatchOptions
  readonly notCaptured: readonly PreparedPolicy[]
}

interface LookedEntity {
  readonly entity: PreparedEntity
  /** Absent when the entity does not apply. */
  readonly tuple: EntityTuple | undefined
}

/** Grows while policies are looked at; nothing is made for an event that matches none. */
class EventMatch implements Match {
  readonly actions: readonly string[]
  readonly exemption: PreparedExemption | undefined
  readonly notCaptured: readonly PreparedPolicy[]
  readonly deferred: readonly PreparedPolicy[]
  readonly #frame: Frame
  readonly #fields: Fields
  #matched: PolicyMatch[] | undefined
  #contributions: Contribution[] | undefined
  /** Few entities are ever looked at: a list is made and searched faster than a map. */
  #looked: LookedEntity[] | undefined

  /** Of the event that the set's frame has just turned to. */
  constructor(set: PolicySet, fields: Fields, view: EventView) {
    const { frame } = set
    this.#frame = frame
    this.#fields = fields
    this.actions = matchedActions(set)
    frame.actions = this.actions
    this.exemption = set.exemptions.find(frame, view.options)
    this.notCaptured = view.notCaptured
    this.deferred = view.options.expectsMore === true ? deferredOf(set, fields) : NONE
  }

  get matched(): readonly PolicyMatch[] {
    return this.#matched ?? NONE
  }

  get contributions(): readonly Contribution[] {
    return this.#contributions ?? NONE
  }

  /** Decides whether the event matches this policy. Policies are looked at in walk order. */
  look(policy: PreparedPolicy): void {
    if (policy.applicationReads.length > 0 && this.deferred.includes(policy)) return
    for (const { action } of policy.actions) if (!this.actions.includes(action.name)) return
    if (policy.condition(this.#fields, this.#frame) !== true) return
    const entity = policy.entity === undefined ? undefined : this.#entity(policy.entity)
    if (policy.entity !== undefined && entity === undefined) return
    const match = { policy, entity, contribution: this.#contribution(policy, entity) }
    // Here and below: a list that begins with one item is a tenth of what an empty one grows to.
    if (this.#matched === undefined) this.#matched = [match]
    else this.#matched.push(match)
  }

  entityOf({ entity }: PreparedPolicy): EntityTuple | undefined {
    if (entity === undefined || (this.deferred.length > 0 && isUnsaid(entity.reads, this.#fields))) return undefined
    // The frame may have turned to another event since: then it is turned back.
    if (this.#frame.fields !== this.#fields && this.#find(entity) === undefined) {
      this.#frame.begin(this.#fields)
      this.#frame.actions = this.actions
    }
    return this.#entity(entity)
  }

  #entity(entity: PreparedEntity): EntityTuple | undefined {
    const known = this.#find(entity)
    if (known !== undefined) return known.tuple
    const applies = entity.applies === undefined || entity.applies(this.#fields, this.#frame) === true
    const id = entity.definition.entity_definition_id
    const tuple = applies ? readEntity(id, entity.keyFields, this.#frame) : undefined
    const looked = { entity, tuple }
    if (this.#looked === undefined) this.#looked = [looked]
    else this.#looked.push(looked)
    return tuple
  }

  #find(entity: PreparedEntity): LookedEntity | undefined {
    if (this.#looked === undefined) return undefined
    for (const looked of this.#looked) if (looked.entity === entity) return looked
    return undefined
  }

  #contribution({ policy, windowId, distinct }: PreparedPolicy, entity: EntityTuple | undefined) {
    if (windowId === undefined || policy.window === undefined) return undefined
    const shared = this.#contributions?.find((each) => each.windowId === windowId)
    if (shared !== undefined) return shared
    const base = { windowId, entity, seconds: policy.window.seconds }
    const value = distinct === undefined ? undefined : entityValue(distinct(this.#fields, this.#frame), false)
    if (distinct !== undefined && value === undefined) return undefined
    const contribution: Contribution = value === undefined ? base : { ...base, distinct: canonicalJson(value) }
    if (this.#contributions === undefined) this.#contributions = [contribution]
    else this.#contributions.push(contribution)
    return contribution
  }
}
