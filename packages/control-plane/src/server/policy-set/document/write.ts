import { actionModel } from '../../actions/kind.js'
import type { Change } from '../../changes/change.js'
import { entityDefinitionModel } from '../../entity-definitions/kind.js'
import { exemptionModel } from '../../exemptions/kind.js'
import { listModel } from '../../lists/kind.js'
import { mitigationModel } from '../../mitigations/kind.js'
import { policyModel } from '../../policies/kind.js'
import type { ResourceModel } from '../../resources/kind.js'
import type { TenantRecordBase, TenantStore } from '../../store/tenant-store.js'
import type { TenantStoreOfTenants } from '../../tenants/store.js'
import type { ResourceStores } from '../resources.js'
import type { CurrentPolicySet } from './items.js'

export interface WriteStores {
  readonly tenants: TenantStoreOfTenants
  readonly resources: ResourceStores
}

/** Writes a policy set over another one, each difference with its audit entry, all in the one transaction of the change. */
export async function writePolicySet(
  { tenants, resources }: WriteStores,
  change: Change,
  { current, wanted }: { readonly current: CurrentPolicySet; readonly wanted: CurrentPolicySet },
): Promise<void> {
  if (wanted.tenant !== current.tenant) {
    await tenants.replace(wanted.tenant, change.session)
    const { tenant_id: resource_id } = wanted.tenant
    const sides = { before: current.tenant, after: wanted.tenant }
    change.tell({ action: 'tenant.update', resource_type: 'tenant', resource_id, ...sides })
  }
  const { lists, actions, entityDefinitions, mitigations, policies, exemptions } = resources
  const section = <T extends TenantRecordBase>(model: Model<T>, store: TenantStore<T>, sides: Sides<T>) =>
    writeSection({ model, store, change }, sides)
  const sides = <Name extends keyof CurrentPolicySet>(name: Name) => ({ before: current[name], after: wanted[name] })
  await section(listModel, lists, sides('lists'))
  await section(actionModel, actions, sides('actions'))
  await section(entityDefinitionModel, entityDefinitions, sides('entityDefinitions'))
  await section(mitigationModel, mitigations, sides('mitigations'))
  await section(policyModel, policies, sides('policies'))
  await section(exemptionModel, exemptions, sides('exemptions'))
}

type Model<T extends TenantRecordBase> = Pick<ResourceModel<T, never, never>, 'type' | 'idOf' | 'show' | 'audited'>

interface Sides<T> {
  readonly before: readonly T[]
  readonly after: readonly T[]
}

interface WriteSection<T extends TenantRecordBase> {
  readonly model: Model<T>
  readonly store: TenantStore<T>
  readonly change: Change
}

async function writeSection<T extends TenantRecordBase>(
  { model, store, change }: WriteSection<T>,
  { before, after }: Sides<T>,
): Promise<void> {
  const old = new Map(before.map((record) => [model.idOf(record), record]))
  const kept = new Set(after.map(model.idOf))
  const gone = before.filter((record) => !kept.has(model.idOf(record)))
  const written = after.filter((record) => old.get(model.idOf(record)) !== record)
  const renamed = written.filter((record) => (old.get(model.idOf(record))?.name ?? record.name) !== record.name)
  // Names are unique at every moment: what gives one up goes before anything takes it.
  for (const record of [...gone, ...renamed]) await store.remove(change.tenantId, model.idOf(record), change.session)
  for (const record of written) {
    const isThere = old.has(model.idOf(record)) && !renamed.includes(record)
    await (isThere ? store.replace(record, change.session) : store.insert(record, change.session))
  }
  for (const record of gone) tell({ model, change }, { before: record })
  for (const record of written) tell({ model, change }, { before: old.get(model.idOf(record)), after: record })
}

function tell<T extends TenantRecordBase>(
  { model, change }: Pick<WriteSection<T>, 'model' | 'change'>,
  { before, after }: { readonly before?: T | undefined; readonly after?: T },
): void {
  const record = after ?? before
  if (record === undefined) return
  const verb = before === undefined ? 'create' : after === undefined ? 'delete' : 'update'
  const side = (one: T | undefined, other: T | undefined) =>
    one === undefined ? null : (model.audited?.(one, other) ?? model.show(one))
  change.tell({
    action: `${model.type}.${verb}`,
    resource_type: model.type,
    resource_id: model.idOf(record),
    before: side(before, after),
    after: side(after, before),
  })
}
