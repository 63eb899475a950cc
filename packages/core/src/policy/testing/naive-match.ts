import { canonicalJson } from '../../codec/canonical-json.js'
import { entityValue, readEntity } from '../decision/entity.js'
import type { Contribution, Match, MatchOptions, PolicyMatch } from '../decision/match.js'
import { isRecord } from '../expression/semantics.js'
import type { Fields } from '../fields/fields.js'
import { isCaptured, isResponseField } from '../set/demand.js'
import type { PolicySet, PreparedEntity, PreparedPolicy } from '../set/prepare.js'

/** Matches by asking every action and every policy, one after another: what the indexed `matchEvent` must equal. */
export function naiveMatch(set: PolicySet, fields: Fields, options: MatchOptions = {}): Omit<Match, 'entityOf'> {
  const { frame } = set
  frame.begin(fields)
  const actions = set.actions
    .filter(({ condition }) => condition(fields, frame) === true)
    .map(({ action }) => action.name)
  const exemption = exemptionOf(set, fields, { ...options, actions })
  frame.actions = actions
  const entityIn = (entity: PreparedEntity) =>
    entity.applies === undefined || entity.applies(fields, frame) === true
      ? readEntity(entity.definition.entity_definition_id, entity.keyFields, frame)
      : undefined
  const contributions: Contribution[] = []
  const matched: PolicyMatch[] = []
  const notCaptured: PreparedPolicy[] = []
  const deferred = options.expectsMore === true ? set.policies.filter((policy) => isDeferred(policy, fields)) : []
  for (const policy of set.policies) {
    if (options.atRequest === true && policy.responseOnly) continue
    const { captured } = options
    if (captured !== undefined && !policy.reads.every((path) => isCaptured(path, captured))) {
      notCaptured.push(policy)
      continue
    }
    if (deferred.includes(policy)) continue
    const allActions = policy.actions.every(({ action }) => actions.includes(action.name))
    if (!allActions || policy.condition(fields, frame) !== true) continue
    const entity = policy.entity === undefined ? undefined : entityIn(policy.entity)
    if (policy.entity !== undefined && entity === undefined) continue
    matched.push({ policy, entity, contribution: contributionOf(policy, entity) })
  }
  return { actions, exemption, matched, contributions, notCaptured, deferred }

  function contributionOf({ policy, windowId, distinct }: PreparedPolicy, entity: Contribution['entity']) {
    if (windowId === undefined || policy.window === undefined) return undefined
    const shared = contributions.find((each) => each.windowId === windowId)
    if (shared !== undefined) return shared
    const value = distinct === undefined ? undefined : entityValue(distinct(fields, frame), false)
    if (distinct !== undefined && value === undefined) return undefined
    const base = { windowId, entity, seconds: policy.window.seconds }
    const contribution = value === undefined ? base : { ...base, distinct: canonicalJson(value) }
    contributions.push(contribution)
    return contribution
  }
}

/** Whether it reads something that only the application knows and has not said. */
function isDeferred({ reads, responseOnly }: PreparedPolicy, fields: Fields): boolean {
  return !responseOnly && readsUnsaid(reads, fields)
}

function readsUnsaid(reads: PreparedPolicy['reads'], { user_id: userId, labels }: Fields): boolean {
  return reads.some(([first, label]) => {
    if (first === 'user_id') return userId === undefined
    if (first !== 'labels') return false
    if (labels === undefined || label === undefined) return labels === undefined
    return !isRecord(labels) || !Object.hasOwn(labels, label)
  })
}

function exemptionOf(
  { actions: known, exemptions, frame }: PolicySet,
  fields: Fields,
  { actions, captured, expectsMore }: MatchOptions & { readonly actions: readonly string[] },
) {
  const inTime = known.filter(({ reads }) => !reads.some(isResponseField)).map(({ action }) => action.name)
  frame.actions = actions.filter((name) => inTime.includes(name))
  return exemptions.all.find(({ exemption: { expires_at: end }, alternatives }) => {
    const isLive = end === undefined || (typeof fields.observed_at === 'number' && fields.observed_at < end)
    const decided = alternatives
      .filter(({ reads }) => captured === undefined || reads.every((path) => isCaptured(path, captured)))
      .filter(({ reads }) => expectsMore !== true || !readsUnsaid(reads, fields))
      .map(({ condition }) => condition(fields, frame) ?? false)
    return isLive && decided.find((answer) => answer !== false) === true
  })
}
