import { isDeepStrictEqual } from 'node:util'
import { DomainError, type UsedBy } from '../../http/problem.js'
import type { AuditActor } from '../audit/schema.js'
import type { Change, RunChange } from '../changes/change.js'
import type { ExpressionScope } from '../expressions/lowered.js'
import { newId } from '../ids.js'
import type { ListStore } from '../lists/store.js'
import type { PublishPolicySet } from '../policy-set/publish.js'
import type { Caller } from '../routing/route.js'
import type { Page } from '../shapes.js'
import type { PageRequest, TenantRecordBase } from '../store/tenant-store.js'
import type { TenantStoreOfTenants } from '../tenants/store.js'
import type { ResourceKind } from './kind.js'

/** Which resource of which tenant, and who asks. */
export interface Target {
  readonly tenantId: string
  readonly id: string
  readonly caller: Caller
}

export interface ResourceService<T, Create, Patch> {
  list(tenantId: string, page: PageRequest): Promise<Page<T>>
  get(tenantId: string, id: string): Promise<T>
  create(target: Omit<Target, 'id'>, input: Create): Promise<T>
  update(target: Target, patch: Patch): Promise<T>
  remove(target: Target): Promise<void>
}

export interface ResourceServiceOptions<T extends TenantRecordBase, Create, Patch> {
  readonly kind: ResourceKind<T, Create, Patch>
  readonly changes: RunChange
  readonly publish: PublishPolicySet
  readonly tenants: Pick<TenantStoreOfTenants, 'find'>
  readonly lists: Pick<ListStore, 'ids'>
}

/** Create, change and delete one kind of resource: with its audit entry and the revision that follows, or not at all. */
export function createResourceService<T extends TenantRecordBase, Create, Patch>(
  options: ResourceServiceOptions<T, Create, Patch>,
): ResourceService<T, Create, Patch> {
  const { kind, changes } = options
  const found = async (tenantId: string, id: string, change?: Change) => {
    const record = await kind.store.find(tenantId, id, change?.session)
    if (record === undefined) throw new DomainError('not_found', `This tenant has no ${kind.noun} with this id.`)
    return record
  }
  return {
    list: async (tenantId, request) => {
      const page = await kind.store.page(tenantId, request)
      return { ...page, items: page.items.map(kind.show) }
    },
    get: async (tenantId, id) => kind.show(await found(tenantId, id)),
    create: ({ tenantId, caller }, input) =>
      changes({ tenantId, caller, work: (change) => create(options, change, { input, actor: caller.actor }) }),
    update: ({ tenantId, id, caller }, patch) =>
      changes({
        tenantId,
        caller,
        work: async (change) => update(options, change, { before: await found(tenantId, id, change), patch }),
      }),
    remove: ({ tenantId, id, caller }) =>
      changes({
        tenantId,
        caller,
        work: async (change) => remove(options, change, await found(tenantId, id, change)),
      }),
  }
}

async function create<T extends TenantRecordBase, Create, Patch>(
  options: ResourceServiceOptions<T, Create, Patch>,
  change: Change,
  { input, actor }: { readonly input: Create; readonly actor: AuditActor },
): Promise<T> {
  const { kind, publish } = options
  const at = change.now.toISOString()
  const fresh = { id: newId(kind.prefix), tenant_id: change.tenantId, created_at: at, updated_at: at }
  const record = kind.create(input, fresh, actor)
  await refuseTakenName(kind, record, change)
  await check(options, record, change)
  await kind.store.insert(record, change.session)
  const after = kind.show(record)
  const auditId = change.tell({
    action: `${kind.type}.create`,
    resource_type: kind.type,
    resource_id: kind.idOf(record),
    before: null,
    after: audited(kind, record),
  })
  await publish(change, { auditId, subject: kind.type })
  return after
}

async function update<T extends TenantRecordBase, Create, Patch>(
  options: ResourceServiceOptions<T, Create, Patch>,
  change: Change,
  { before, patch }: { before: T; patch: Patch },
): Promise<T> {
  const { kind, publish } = options
  const patched = kind.patch(before, patch)
  if (isDeepStrictEqual(patched, before)) return kind.show(before)
  const record = { ...patched, updated_at: change.now.toISOString() }
  if (record.name !== before.name) await refuseTakenName(kind, record, change)
  await check(options, record, change)
  if (kind.isEnabled(before) && !kind.isEnabled(record)) await refuseInUse(kind, before, { change, verb: 'disabled' })
  const isRenamed = kind.isNamedInExpressions === true && record.name !== before.name
  if (isRenamed) await refuseInUse(kind, before, { change, verb: 'renamed' })
  await kind.store.replace(record, change.session)
  const after = kind.show(record)
  const auditId = change.tell({
    action: `${kind.type}.update`,
    resource_type: kind.type,
    resource_id: kind.idOf(record),
    before: audited(kind, before, record),
    after: audited(kind, record, before),
  })
  await publish(change, { auditId, subject: kind.type })
  return after
}

async function remove<T extends TenantRecordBase, Create, Patch>(
  { kind, publish }: ResourceServiceOptions<T, Create, Patch>,
  change: Change,
  record: T,
): Promise<void> {
  await refuseInUse(kind, record, { change, verb: 'deleted' })
  await kind.store.remove(change.tenantId, kind.idOf(record), change.session)
  const auditId = change.tell({
    action: `${kind.type}.delete`,
    resource_type: kind.type,
    resource_id: kind.idOf(record),
    before: audited(kind, record),
    after: null,
  })
  await publish(change, { auditId, subject: kind.type })
}

function audited<T extends TenantRecordBase>(
  kind: Pick<ResourceKind<T, never, never>, 'show' | 'audited'>,
  record: T,
  other?: T,
): object {
  return kind.audited === undefined ? kind.show(record) : kind.audited(record, other)
}

async function check<T extends TenantRecordBase, Create, Patch>(
  options: ResourceServiceOptions<T, Create, Patch>,
  record: T,
  change: Change,
): Promise<void> {
  options.kind.checkAlone(record, await scopeOf(options, change))
  await options.kind.checkReferences?.(record, change)
}

/** The tenant was there when the caller was let in; it may have gone since. */
async function scopeOf(
  { tenants, lists }: Pick<ResourceServiceOptions<never, never, never>, 'tenants' | 'lists'>,
  change: Change,
): Promise<ExpressionScope> {
  const tenant = await tenants.find(change.tenantId, change.session)
  if (tenant === undefined) throw new DomainError('not_found', 'There is no such tenant.')
  const ids = await lists.ids(change.tenantId, change.session)
  return { clearCookies: tenant.clear_cookies, lists: ids }
}

async function refuseTakenName<T extends TenantRecordBase, Create, Patch>(
  kind: ResourceKind<T, Create, Patch>,
  record: T,
  change: Change,
): Promise<void> {
  const other = await kind.store.findByName(change.tenantId, record.name, change.session)
  if (other === undefined || kind.idOf(other) === kind.idOf(record)) return
  throw new DomainError('name_taken', `Another ${kind.noun} is named "${record.name}".`, {
    errors: [{ path: 'name', code: 'name_taken', message: `is the name of another ${kind.noun}` }],
  })
}

async function refuseInUse<T extends TenantRecordBase, Create, Patch>(
  kind: ResourceKind<T, Create, Patch>,
  record: T,
  { change, verb }: { change: Change; verb: 'disabled' | 'deleted' | 'renamed' },
): Promise<void> {
  const usedBy = await kind.usedBy(record, change)
  if (usedBy.length === 0) return
  const names = usedBy.map((user) => `"${user.name}"`).join(', ')
  throw new DomainError(
    'resource_in_use',
    `The ${kind.noun} "${record.name}" cannot be ${verb} while an enabled ${nounsOf(usedBy)} needs it: ${names}.`,
    { usedBy },
  )
}

function nounsOf(usedBy: readonly UsedBy[]): string {
  return [...new Set(usedBy.map(({ resource_type }) => resource_type.replaceAll('_', ' ')))].join(' or ')
}
