import type { UsedBy } from '../../http/problem.js'
import type { Change } from '../changes/change.js'
import type { PolicyRecord } from '../policies/schema.js'
import type { TenantStore } from '../store/tenant-store.js'

/** The enabled policies of the tenant that need what `needs` looks for. */
export async function enabledPoliciesThat(
  policies: TenantStore<PolicyRecord>,
  change: Change,
  needs: (policy: PolicyRecord) => boolean,
): Promise<readonly UsedBy[]> {
  const all = await policies.all(change.tenantId, change.session)
  return all
    .filter((policy) => policy.enabled && needs(policy))
    .map(({ policy_id, name }) => ({ resource_type: 'policy', resource_id: policy_id, name }))
}
