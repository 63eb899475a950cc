import type { PolicyRecord } from '../../api/types.js'

/** Whether a policy uses the action, entity or mitigation of this id. */
export function uses(policy: PolicyRecord, id: string): boolean {
  return policy.action_ids.includes(id) || policy.entity_definition_id === id || policy.mitigation_id === id
}

export function policiesUsing(policies: readonly PolicyRecord[] | undefined, id: string): readonly PolicyRecord[] {
  return policies?.filter((policy) => uses(policy, id)) ?? []
}
