import { canonicalJson } from '../codec/canonical-json.js'
import type { FieldDemand } from '../protocol/bundle.js'
import { isCaptured } from './demand.js'
import { type EntityTuple, entityValue, readEntity } from './entity.js'
import type { Fields } from './fields.js'
import type { Frame } from './frame.js'
import type { PolicySet, PreparedEntity, PreparedPolicy } from './prepare.js'
import { truthy } from './semantics.js'

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
  /** In walk order. */
  readonly matched: readonly PolicyMatch[]
  /** One for each window identity. */
  readonly contributions: readonly Contribution[]
  /** Policies that read something the event was not captured with: neither matched nor unmatched. */
  readonly notCaptured: readonly PreparedPolicy[]
  /** The entity a policy looks at in this event; `undefined` when it has none or it does not apply. */
  entityOf(policy: PreparedPolicy): EntityTuple | undefined
}

export interface MatchOptions {
  /** What the event was captured with; absent: all that the set's programs read. */
  readonly captured?: FieldDemand
  /** Whether the response is not known yet: policies that read it are left to the engine. */
  readonly atRequest?: boolean
}

/** Matches an event against a policy set. Never throws: a policy whose expression errs does not match. */
export function matchEvent(set: PolicySet, fields: Fields, options: MatchOptions = {}): Match {
  const { frame } = set
  frame.begin(fields)
  const actions = matchedActions(set, frame)
  frame.actions = actions
  const entities = new Map<PreparedEntity, EntityTuple | undefined>()
  const state: MatchState = { frame, entities, actions: new Set(actions) }
  const matched: PolicyMatch[] = []
  const contributions = new Map<string, Contribution>()
  const notCaptured: PreparedPolicy[] = []
  for (const policy of set.policies) {
    if (options.atRequest === true && policy.responseOnly) continue
    if (options.captured !== undefined && !wasCaptured(policy, options.captured)) {
      notCaptured.push(policy)
      continue
    }
    const match = matchPolicy(policy, state, contributions)
    if (match !== undefined) matched.push(match)
  }
  return {
    actions,
    matched,
    contributions: [...contributions.values()],
    notCaptured,
    entityOf: (policy) => lateEntity(policy, state, fields),
  }
}

interface MatchState {
  readonly frame: Frame
  readonly entities: Map<PreparedEntity, EntityTuple | undefined>
  readonly actions: ReadonlySet<string>
}

function matchedActions({ actions }: PolicySet, frame: Frame): readonly string[] {
  const names: string[] = []
  for (const { action, evaluate } of actions) if (truthy(evaluate(frame)) === true) names.push(action.name)
  return names
}

function matchPolicy(
  policy: PreparedPolicy,
  state: MatchState,
  contributions: Map<string, Contribution>,
): PolicyMatch | undefined {
  for (const { action } of policy.actions) if (!state.actions.has(action.name)) return undefined
  if (truthy(policy.evaluate(state.frame)) !== true) return undefined
  const entity = policy.entity === undefined ? undefined : entityIn(policy.entity, state)
  if (policy.entity !== undefined && entity === undefined) return undefined
  return { policy, entity, contribution: contributionOf(policy, entity, { state, contributions }) }
}

function contributionOf(
  { policy, windowId, distinct }: PreparedPolicy,
  entity: EntityTuple | undefined,
  { state, contributions }: { readonly state: MatchState; readonly contributions: Map<string, Contribution> },
): Contribution | undefined {
  if (windowId === undefined || policy.window === undefined) return undefined
  const shared = contributions.get(windowId)
  if (shared !== undefined) return shared
  const base = { windowId, entity, seconds: policy.window.seconds }
  const value = distinct === undefined ? undefined : entityValue(distinct(state.frame), false)
  if (distinct !== undefined && value === undefined) return undefined
  const contribution = value === undefined ? base : { ...base, distinct: canonicalJson(value) }
  contributions.set(windowId, contribution)
  return contribution
}

function entityIn(entity: PreparedEntity, { frame, entities }: MatchState): EntityTuple | undefined {
  if (entities.has(entity)) return entities.get(entity)
  const applies = entity.applies === undefined || truthy(entity.applies(frame)) === true
  const tuple = applies ? readEntity(entity.definition.entity_definition_id, entity.keyFields, frame) : undefined
  entities.set(entity, tuple)
  return tuple
}

/** The frame may have turned to another event since: then it is turned back. */
function lateEntity(policy: PreparedPolicy, state: MatchState, fields: Fields): EntityTuple | undefined {
  if (policy.entity === undefined) return undefined
  if (state.frame.fields !== fields && !state.entities.has(policy.entity)) {
    state.frame.begin(fields)
    state.frame.actions = [...state.actions]
  }
  return entityIn(policy.entity, state)
}

function wasCaptured({ reads }: PreparedPolicy, captured: FieldDemand): boolean {
  return reads.every((path) => isCaptured(path, captured))
}
