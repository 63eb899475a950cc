import { canonicalJson } from '../../codec/canonical-json.js'
import type { Captured, PolicySetContent } from '../../protocol/bundle.js'
import { outcomeOfMode } from '../../protocol/resources.js'
import { entityText, entityValue } from '../decision/entity.js'
import { alternativesOf } from '../decision/exempt.js'
import { type PreparedExpression, prepareExpression } from '../expression/expression.js'
import { fieldPath } from '../fields/field-names.js'
import type { Fields, FieldValue } from '../fields/fields.js'
import { isCaptured } from '../set/demand.js'
import { naiveCount } from './naive-window.js'

type Policy = PolicySetContent['policies'][number]
type Action = PolicySetContent['actions'][number]
type Entity = PolicySetContent['entity_definitions'][number]
type Path = readonly string[]

/** An event with all that deciding it asks for beyond its fields. */
export interface NaiveEvent {
  /** An event that is decided again has the id it had. */
  readonly id: number
  readonly atMs: number
  readonly fields: Fields
  readonly captured?: Captured | undefined
  readonly atRequest: boolean
  readonly expectsMore: boolean
  /** Whether the active mitigation of a policy and entity is live; `*` for the whole policy. */
  isHeld(policyId: string, entity: string): boolean
  isCleared(policyId: string): boolean
}

export interface NaiveDecision {
  readonly actions: readonly string[]
  readonly exempt: string | undefined
  readonly notCaptured: readonly string[]
  readonly deferred: readonly string[]
  /** `<policy> <outcome> <origin>` and what else there is to say, in walk order. */
  readonly says: readonly string[]
  /** The policy whose Challenge or Block the request meets. */
  readonly happens: string | undefined
}

interface Counted {
  readonly event: number
  /** What is counted, and of whom. */
  readonly window: string
  readonly who: string
  readonly atMs: number
  readonly value: string | undefined
}

/**
 * Decides as the contract says it, one sentence after another, with no thought of speed: no index, no slots, no hash, no
 * sub-bucket kept. What the kernel says must equal this.
 */
export class NaiveKernel {
  readonly #content: PolicySetContent
  readonly #counted: Counted[] = []

  constructor(content: PolicySetContent) {
    this.#content = content
  }

  decide(event: NaiveEvent): NaiveDecision {
    const actions = this.#content.actions.filter(({ program }) => isTrue(program.root, event.fields))
    const names = actions.map(({ name }) => name)
    const record = { ...event.fields, actions: names }
    const exempt = this.#exemption(event, actions)
    const policies = [...this.#content.policies].sort(inOrder)
    const notCaptured = policies.filter((policy) => !this.#isLate(policy, event) && !this.#isCaptured(policy, event))
    const deferred = policies.filter((policy) => this.#isDeferred(policy, event))
    const decided = policies.filter(
      (policy) => !this.#isLate(policy, event) && !notCaptured.includes(policy) && !deferred.includes(policy),
    )
    const matched = decided.filter((policy) => this.#matches(policy, record, names))
    const counts = this.#count(matched, record, { event, isExempt: exempt !== undefined })
    const says: string[] = []
    let happens: string | undefined
    for (const policy of policies) {
      if (notCaptured.includes(policy)) continue
      const isMatched = matched.includes(policy)
      const who = this.#who(policy, record, event)
      if (!isMatched && who === undefined) continue
      const n = counts.get(policy)
      const reached = isMatched && (policy.window === undefined || (n ?? 0) >= policy.window.threshold)
      const isActive =
        this.#canBeActive(policy) &&
        (isMatched || this.#mitigation(policy)?.scope === 'entity') &&
        event.isHeld(policy.policy_id, who ?? '*')
      if (!reached && !isActive) continue
      const outcome = outcomeOfMode(this.#mitigation(policy)?.mode)
      const isCleared = outcome === 'challenge' && event.isCleared(policy.policy_id)
      const stops = outcome !== 'observe' && !isCleared
      const more = [n === undefined ? '' : `n${n}`, isCleared ? 'cleared' : '', stops && happens ? 'shadowed' : '']
      const origin = reached ? 'policy' : 'active_mitigation'
      says.push([policy.policy_id, outcome, origin, ...more].filter((word) => word !== '').join(' '))
      if (stops) happens ??= policy.policy_id
    }
    const enforces = exempt === undefined && this.#content.enforcement === 'on'
    const ids = (some: readonly Policy[]) => some.map((policy) => policy.policy_id)
    return {
      actions: names,
      exempt,
      notCaptured: ids(notCaptured),
      deferred: ids(deferred),
      says,
      happens: enforces ? happens : undefined,
    }
  }

  /** The first exemption, by its id, that is not over and of which a decidable alternative is true before any errs. */
  #exemption(event: NaiveEvent, actions: readonly Action[]): string | undefined {
    const inTime = (some: readonly Action[]) => some.filter(({ program }) => !readsResponse(pathsOf(program.root)))
    const record = { ...event.fields, actions: inTime(actions).map(({ name }) => name) }
    const known = inTime(this.#content.actions)
    const applies = ({ program, expires_at: end }: NonNullable<PolicySetContent['exemptions']>[number]) => {
      const { observed_at: at } = event.fields
      if (end !== undefined && !(typeof at === 'number' && at < end)) return false
      const decidable = alternativesOf(program.root).filter((root) => {
        const reads = [...pathsOf(root), ...asked(root, known).flatMap((action) => pathsOf(action.program.root))]
        return areCaptured(reads, event) && !(event.expectsMore && areUnsaid(reads, event.fields))
      })
      return decidable.map((root) => answerOf(root, record)).find((answer) => answer !== false) === true
    }
    const sorted = [...(this.#content.exemptions ?? [])].sort((one, other) =>
      one.exemption_id < other.exemption_id ? -1 : 1,
    )
    return sorted.find(applies)?.exemption_id
  }

  #matches(policy: Policy, record: Fields, names: readonly string[]): boolean {
    const wanted = this.#actions(policy).map(({ name }) => name)
    if (!wanted.every((name) => names.includes(name)) || !isTrue(policy.program.root, record)) return false
    const entity = this.#entity(policy)
    return entity === undefined || whoOf(entity, record) !== undefined
  }

  /** Counts the event once in every window of a matched policy, and gives for each policy what its window says then. */
  #count(
    matched: readonly Policy[],
    record: Fields,
    { event, isExempt }: { readonly event: NaiveEvent; readonly isExempt: boolean },
  ): ReadonlyMap<Policy, number> {
    const counts = new Map<Policy, number>()
    for (const policy of matched) {
      if (policy.window === undefined) continue
      const { distinct, seconds } = policy.window
      const read = distinct === undefined ? undefined : entityValue(valueAt(distinct, record), false)
      if (distinct !== undefined && read === undefined) continue
      const value = read === undefined ? undefined : canonicalJson(read)
      const entity = this.#entity(policy)
      const who = entity === undefined ? '*' : (whoOf(entity, record) ?? '*')
      const own = { event: event.id, window: this.#counts(policy), who, atMs: event.atMs, value }
      const same = this.#counted.filter((each) => each.window === own.window && each.who === own.who)
      const isNew = !same.some((each) => each.event === event.id)
      if (isNew && !isExempt) this.#counted.push(own)
      counts.set(policy, naiveCount(isNew ? [...same, own] : same, event.atMs, seconds))
    }
    return counts
  }

  /** What a policy's window counts: everything that says which events, and nothing else. */
  #counts(policy: Policy): string {
    const entity = this.#entity(policy)
    const programs = (some: readonly Action[]) => some.map(({ program }) => JSON.stringify(program)).sort()
    const named = this.#askedFor(policy).map(({ name, program }) => JSON.stringify([name, program]))
    return JSON.stringify([
      policy.program,
      programs(this.#actions(policy)),
      named.sort(),
      entity?.key_fields,
      entity?.match_program,
      policy.window?.seconds,
      policy.window?.distinct,
    ])
  }

  /** The entity a policy looks at in this event, or `*`; `undefined` when it does not apply or cannot be known yet. */
  #who(policy: Policy, record: Fields, { expectsMore }: NaiveEvent): string | undefined {
    const entity = this.#entity(policy)
    if (entity === undefined) return undefined
    const reads = [...entity.key_fields.map(fieldPath), ...pathsOf(entity.match_program?.root)]
    return expectsMore && areUnsaid(reads, record) ? undefined : whoOf(entity, record)
  }

  #isLate(policy: Policy, { atRequest }: NaiveEvent): boolean {
    return atRequest && readsResponse(this.#reads(policy))
  }

  #isCaptured(policy: Policy, event: NaiveEvent): boolean {
    return areCaptured(this.#reads(policy), event)
  }

  #isDeferred(policy: Policy, { expectsMore, fields }: NaiveEvent): boolean {
    const reads = this.#reads(policy)
    return expectsMore && !readsResponse(reads) && areUnsaid(reads, fields)
  }

  #canBeActive(policy: Policy): boolean {
    const mitigation = this.#mitigation(policy)
    if (mitigation === undefined || mitigation.mode === 'Monitor') return false
    return policy.window !== undefined || mitigation.scope === 'entity' || readsResponse(this.#reads(policy))
  }

  /** Everything a policy reads: itself, through actions, for its entity, for its window. */
  #reads(policy: Policy): readonly Path[] {
    const entity = this.#entity(policy)
    const actions = [...this.#actions(policy), ...this.#askedFor(policy)]
    return [
      ...pathsOf(policy.program.root),
      ...actions.flatMap(({ program }) => pathsOf(program.root)),
      ...(entity?.key_fields.map(fieldPath) ?? []),
      ...pathsOf(entity?.match_program?.root),
      ...(policy.window?.distinct === undefined ? [] : [fieldPath(policy.window.distinct)]),
    ]
  }

  #actions({ action_ids: ids }: Policy): readonly Action[] {
    return this.#content.actions.filter(({ action_id: id }) => ids.includes(id))
  }

  #askedFor(policy: Policy): readonly Action[] {
    const { actions } = this.#content
    const roots = [policy.program.root, this.#entity(policy)?.match_program?.root]
    return [...new Set(roots.flatMap((root) => asked(root, actions)))]
  }

  #entity({ entity_definition_id: id }: Policy): Entity | undefined {
    return this.#content.entity_definitions.find((entity) => entity.entity_definition_id === id)
  }

  #mitigation({ mitigation_id: id }: Policy): PolicySetContent['mitigations'][number] | undefined {
    return this.#content.mitigations.find((mitigation) => mitigation.mitigation_id === id)
  }
}

function inOrder(one: Policy, other: Policy): number {
  return one.priority - other.priority || (one.policy_id < other.policy_id ? -1 : 1)
}

/** The key fields' values, a missing one as null; `undefined` when the definition does not apply to the record. */
function whoOf({ key_fields: names, match_program: match }: Entity, record: Fields): string | undefined {
  if (match !== undefined && !isTrue(match.root, record)) return undefined
  const values = names.map((name) => entityValue(valueAt(name, record), name === 'ip' || name === 'client_ip'))
  if (values.every((value) => value === undefined || value === null)) return undefined
  return entityText(names.map((name, index): [string, FieldValue] => [name, values[index] ?? null]))
}

function valueAt(field: string, record: Fields): unknown {
  const answer = evaluate(['path', ...fieldPath(field)], record)
  return answer.ok ? answer.value : undefined
}

function isTrue(root: unknown, record: Fields): boolean {
  return answerOf(root, record) === true
}

/** True or false, or `error`. */
function answerOf(root: unknown, record: Fields): boolean | 'error' {
  const { ok } = evaluate(root, record)
  return ok ? preparedOf(root).holds(record) : 'error'
}

function evaluate(root: unknown, record: Fields) {
  return preparedOf(root).evaluate(record)
}

const known = new Map<unknown, PreparedExpression>()

/** Preparing is what takes time, and a test asks the same expressions of many events. */
function preparedOf(root: unknown): PreparedExpression {
  const found = known.get(root)
  if (found !== undefined) return found
  const prepared = prepareExpression({ version: 1, root })
  if (!prepared.ok) throw new Error(prepared.problem.message)
  if (known.size > 1_000) known.clear()
  known.set(root, prepared.expression)
  return prepared.expression
}

function pathsOf(node: unknown): readonly Path[] {
  if (!Array.isArray(node) || node[0] === 'lit') return []
  return node[0] === 'path' ? [node.slice(1).map(String)] : node.flatMap(pathsOf)
}

/** Actions whose names an expression asks for: `"login" in actions`. */
function asked(root: unknown, actions: readonly Action[]): readonly Action[] {
  const text = JSON.stringify(root ?? null)
  return actions.filter(({ name }) => text.includes(JSON.stringify(['in', ['lit', name], ['path', 'actions']])))
}

function readsResponse(reads: readonly Path[]): boolean {
  return reads.some(([first]) => first === 'response_status' || first === 'response_ms')
}

function areCaptured(reads: readonly Path[], { captured }: NaiveEvent): boolean {
  return captured === undefined || reads.every((path) => isCaptured(path, captured))
}

/** Whether one reads what only the application says of an event, and has not said of this one. */
function areUnsaid(reads: readonly Path[], { user_id: userId, labels }: Fields): boolean {
  const said = typeof labels === 'object' && labels !== null ? Object.keys(labels) : []
  return reads.some(([first, label]) => {
    if (first === 'user_id') return userId === undefined
    return first === 'labels' && (labels === undefined || (label !== undefined && !said.includes(label)))
  })
}
