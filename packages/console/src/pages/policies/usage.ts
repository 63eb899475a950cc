import type { PolicyRecord } from '../../api/types.js'
import { plural } from '../../design/format.js'

/** Whether a policy uses the action, entity or mitigation of this id. */
export function uses(policy: PolicyRecord, id: string): boolean {
  return policy.action_ids.includes(id) || policy.entity_definition_id === id || policy.mitigation_id === id
}

export function policiesUsing(policies: readonly PolicyRecord[] | undefined, id: string): readonly PolicyRecord[] {
  return policies?.filter((policy) => uses(policy, id)) ?? []
}

/** `Used by 2 policies`, or that none does. */
export function usedBySentence(count: number): string {
  return count === 0 ? 'Not used yet' : `Used by ${plural(count, 'policy', 'policies')}`
}
