import { NO_DEMAND, type PolicySetContent, preparePolicySet } from '@esper/core'
import type { LoadedPolicySet } from './policy-source.js'

/** What the events of a tenant without a policy set are decided with. */
export function emptyPolicySet(tenantId: string): LoadedPolicySet {
  const content: PolicySetContent = {
    format: 1,
    tenant_id: tenantId,
    revision: 0,
    enforcement: 'monitor',
    clear_cookies: [],
    demand: NO_DEMAND,
    actions: [],
    entity_definitions: [],
    mitigations: [],
    policies: [],
  }
  return { set: preparePolicySet(content), demand: NO_DEMAND }
}
