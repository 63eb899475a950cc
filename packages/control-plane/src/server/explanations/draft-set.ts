import {
  type BundlePolicy,
  demandOf,
  type ListContents,
  type PolicySet,
  type PolicySetContent,
  preparePolicySet,
} from '@esper/core'
import type { ListIds, NamedList } from '../../expressions/index.js'
import { DomainError, type FieldError } from '../../http/problem.js'
import { lowered } from '../expressions/lowered.js'
import { requireFieldPath } from '../fields/field-paths.js'
import type { LoadedSet } from './policy-sets.js'
import type { ExplainDraft } from './schema.js'

/** Id of what is tried, in a set that has nothing else. */
export const DRAFT_ID = 'draft'

export interface DraftSetOptions {
  /** The lists that the draft may name, and what is in those it does. */
  readonly listIds: ListIds
  readonly contentsOf: (named: readonly NamedList[]) => Promise<ListContents>
}

/** A policy set in which a draft is the only policy, or the only exemption, among the actions and entities in force. */
export async function draftSet(
  { content, set: inForce }: LoadedSet,
  draft: ExplainDraft,
  { listIds, contentsOf }: DraftSetOptions,
): Promise<PolicySet> {
  const { kind, expression } = draft
  const scope = { clearCookies: content.clear_cookies, lists: listIds }
  const { program, lists } = lowered(expression, { kind, scope, path: 'expression' })
  const named = await contentsOf(lists)
  const base = { name: DRAFT_ID, program }
  const policies = kind === 'exemption' ? [] : [{ ...base, ...policyOf(content, draft) }]
  const exemptions = kind === 'exemption' ? [{ ...base, exemption_id: DRAFT_ID }] : []
  const parts = { ...content, policies, exemptions }
  const set = preparePolicySet({ ...parts, demand: demandOf(parts) }, (id) => named(id) ?? inForce.lists(id))
  const problem = set.problems.find(({ id }) => id === DRAFT_ID)
  if (problem === undefined) return set
  throw new DomainError('expression_invalid', problem.message, {
    errors: [{ path: 'expression', code: problem.code, message: problem.message }],
  })
}

function policyOf(content: PolicySetContent, draft: ExplainDraft): Omit<BundlePolicy, 'name' | 'program'> {
  const { action_ids, entity_definition_id: entityId, mitigation_id: mitigationId, window } = draft
  if (window?.distinct !== undefined) requireFieldPath(window.distinct, 'window.distinct')
  refuseUnknown(content, draft)
  return {
    policy_id: DRAFT_ID,
    revision: 0,
    priority: 0,
    action_ids,
    ...(entityId === null || entityId === undefined ? {} : { entity_definition_id: entityId }),
    ...(mitigationId === null || mitigationId === undefined ? {} : { mitigation_id: mitigationId }),
    ...(window === null || window === undefined ? {} : { window: windowOf(window) }),
  }
}

function windowOf({ seconds, threshold, distinct }: NonNullable<ExplainDraft['window']>) {
  return { seconds, threshold, ...(distinct === undefined ? {} : { distinct }) }
}

/** What is in force has no disabled action, entity definition or mitigation in it. */
function refuseUnknown(content: PolicySetContent, draft: ExplainDraft): void {
  const errors: FieldError[] = []
  const look = (path: string, noun: string, isKnown: boolean) => {
    if (isKnown) return
    errors.push({ path, code: 'unknown_reference', message: `names no enabled ${noun} of this tenant` })
  }
  for (const [index, id] of draft.action_ids.entries()) {
    look(
      `action_ids.${index}`,
      'action',
      content.actions.some(({ action_id }) => action_id === id),
    )
  }
  const { entity_definition_id: entityId, mitigation_id: mitigationId } = draft
  const entities = content.entity_definitions.map(({ entity_definition_id }) => entity_definition_id)
  const mitigations = content.mitigations.map(({ mitigation_id }) => mitigation_id)
  look('entity_definition_id', 'entity definition', entityId == null || entities.includes(entityId))
  look('mitigation_id', 'mitigation', mitigationId == null || mitigations.includes(mitigationId))
  if (errors.length === 0) return
  throw new DomainError('unknown_reference', `Not valid: ${errors.map(({ path }) => path).join(', ')}.`, { errors })
}
