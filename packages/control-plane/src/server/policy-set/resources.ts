import type { ClientSession } from '../../database/types.js'
import type { ActionRecord } from '../actions/schema.js'
import type { EntityDefinitionRecord } from '../entity-definitions/schema.js'
import type { ExemptionRecord } from '../exemptions/schema.js'
import type { ListRecord } from '../lists/schema.js'
import type { ListStore } from '../lists/store.js'
import type { MitigationRecord } from '../mitigations/schema.js'
import type { PolicyRecord } from '../policies/schema.js'
import type { TenantStore } from '../store/tenant-store.js'
import type { TenantRecord } from '../tenants/schema.js'

export interface ResourceStores {
  readonly actions: TenantStore<ActionRecord>
  readonly entityDefinitions: TenantStore<EntityDefinitionRecord>
  readonly mitigations: TenantStore<MitigationRecord>
  readonly policies: TenantStore<PolicyRecord>
  readonly exemptions: TenantStore<ExemptionRecord>
  readonly lists: ListStore
}

/** Everything of a tenant that a policy set is made of. */
export interface TenantResources {
  readonly tenant: TenantRecord
  readonly actions: readonly ActionRecord[]
  readonly entityDefinitions: readonly EntityDefinitionRecord[]
  readonly mitigations: readonly MitigationRecord[]
  readonly policies: readonly PolicyRecord[]
  readonly exemptions: readonly ExemptionRecord[]
  readonly lists: readonly ListRecord[]
}

export async function loadResources(
  stores: ResourceStores,
  tenant: TenantRecord,
  session?: ClientSession,
): Promise<TenantResources> {
  const { tenant_id } = tenant
  // One after the other: a transaction's session takes one operation at a time.
  return {
    tenant,
    actions: await stores.actions.all(tenant_id, session),
    entityDefinitions: await stores.entityDefinitions.all(tenant_id, session),
    mitigations: await stores.mitigations.all(tenant_id, session),
    policies: await stores.policies.all(tenant_id, session),
    exemptions: await stores.exemptions.all(tenant_id, session),
    lists: await stores.lists.all(tenant_id, session),
  }
}
