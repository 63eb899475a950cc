import { isDeepStrictEqual } from 'node:util'
import { DomainError } from '../../http/problem.js'
import type { PendingEnds } from '../active-mitigations/pending-ends-store.js'
import type { ApiKeyStore } from '../api-keys/store.js'
import type { Change, RunChange } from '../changes/change.js'
import { DEFAULT_ENTITY_DEFINITIONS } from '../entity-definitions/kind.js'
import type { EntityDefinitionRecord } from '../entity-definitions/schema.js'
import { requireFieldPaths } from '../fields/field-paths.js'
import { newId } from '../ids.js'
import type { ListPartStore } from '../lists/part-store.js'
import type { MembershipStore } from '../memberships/store.js'
import type { OperatorTokenStore } from '../operator-tokens/store.js'
import type { PublishPolicySet } from '../policy-set/publish.js'
import type { ResourceStores } from '../policy-set/resources.js'
import { applyPatch } from '../resources/patch.js'
import type { RevisionStore } from '../revisions/store.js'
import type { Caller } from '../routing/route.js'
import type { ScopeKeyStore } from '../scope-keys/store.js'
import type { Page } from '../shapes.js'
import type { SourceStore } from '../sources/store.js'
import type { PageRequest } from '../store/tenant-store.js'
import type { TenantCreate, TenantPatch, TenantRecord } from './schema.js'
import { slugFrom } from './slug.js'
import type { TenantStoreOfTenants } from './store.js'

export interface TenantService {
  /** The tenants the caller is a member of. */
  list(caller: Caller, page: PageRequest): Promise<Page<TenantRecord>>
  get(tenantId: string): Promise<TenantRecord>
  /** The caller becomes its Owner. */
  create(caller: Caller, input: TenantCreate): Promise<TenantRecord>
  update(target: { readonly tenantId: string; readonly caller: Caller }, patch: TenantPatch): Promise<TenantRecord>
  /** With everything that belongs to it, except the audit log. */
  remove(target: { readonly tenantId: string; readonly caller: Caller }): Promise<void>
}

export interface TenantServiceOptions {
  readonly tenants: TenantStoreOfTenants
  readonly memberships: MembershipStore
  readonly resources: ResourceStores
  readonly apiKeys: ApiKeyStore
  readonly operatorTokens: OperatorTokenStore
  readonly scopeKeys: ScopeKeyStore
  readonly revisions: RevisionStore
  readonly sources: SourceStore
  readonly pendingEnds: PendingEnds
  readonly listParts: ListPartStore
  readonly changes: RunChange
  readonly publish: PublishPolicySet
  /** Told, after the commit, which API keys are gone. */
  readonly forgetApiKeys: (apiKeyIds: readonly string[]) => void
}

export function createTenantService(options: TenantServiceOptions): TenantService {
  const { tenants, memberships, changes } = options
  return {
    list: async (caller, request) => {
      const mine = (await memberships.ofUser(caller.userId)).map(({ tenant_id }) => tenant_id)
      const { limits } = caller
      const visible = limits === undefined ? mine : mine.filter((tenantId) => tenantId === limits.tenantId)
      return tenants.page(visible, request)
    },
    get: (tenantId) => existing(tenants, tenantId),
    create: (caller, input) => {
      const tenantId = newId('ten')
      return changes({ tenantId, caller, work: (change) => create(options, change, { caller, input }) })
    },
    update: ({ tenantId, caller }, patch) =>
      changes({ tenantId, caller, work: (change) => update(options, change, patch) }),
    remove: ({ tenantId, caller }) => changes({ tenantId, caller, work: (change) => remove(options, change) }),
  }
}

async function existing(tenants: TenantStoreOfTenants, tenantId: string, change?: Change): Promise<TenantRecord> {
  const tenant = await tenants.find(tenantId, change?.session)
  if (tenant === undefined) throw new DomainError('not_found', 'There is no such tenant.')
  return tenant
}

async function create(
  options: TenantServiceOptions,
  change: Change,
  { caller, input }: { caller: Caller; input: TenantCreate },
): Promise<TenantRecord> {
  const { tenants, memberships, resources, publish } = options
  const at = change.now.toISOString()
  requireFieldPaths(input.watch_fields, 'watch_fields')
  const slug = input.slug ?? (await freeSlug(tenants, change, input.name))
  const tenant: TenantRecord = { tenant_id: change.tenantId, ...input, slug, created_at: at, updated_at: at }
  await refuseTakenSlug(tenants, change, tenant)
  await tenants.insert(tenant, change.session)
  const auditId = change.tell(told('tenant.create', { before: null, after: tenant }))
  const owner = { tenant_id: tenant.tenant_id, user_id: caller.userId, role: 'Owner' } as const
  await memberships.put({ ...owner, created_at: change.now, updated_at: change.now }, change.session)
  change.tell({
    action: 'membership.create',
    resource_type: 'membership',
    resource_id: caller.userId,
    before: null,
    after: owner,
  })
  for (const definition of DEFAULT_ENTITY_DEFINITIONS) {
    const record: EntityDefinitionRecord = {
      entity_definition_id: newId('ent'),
      tenant_id: tenant.tenant_id,
      ...definition,
      match_expression: definition.match_expression ?? null,
      created_at: at,
      updated_at: at,
    }
    await resources.entityDefinitions.insert(record, change.session)
    change.tell({
      action: 'entity_definition.create',
      resource_type: 'entity_definition',
      resource_id: record.entity_definition_id,
      before: null,
      after: record,
    })
  }
  await publish(change, { auditId, subject: 'tenant' })
  return tenant
}

async function update(options: TenantServiceOptions, change: Change, patch: TenantPatch): Promise<TenantRecord> {
  const { tenants, publish } = options
  const before = await existing(tenants, change.tenantId, change)
  requireFieldPaths(patch.watch_fields ?? [], 'watch_fields')
  const patched = applyPatch(before, patch)
  if (isDeepStrictEqual(patched, before)) return before
  const tenant = { ...patched, updated_at: change.now.toISOString() }
  if (tenant.slug !== before.slug) await refuseTakenSlug(tenants, change, tenant)
  await tenants.replace(tenant, change.session)
  const auditId = change.tell(told('tenant.update', { before, after: tenant }))
  await publish(change, { auditId, subject: 'tenant' })
  return tenant
}

async function remove(options: TenantServiceOptions, change: Change): Promise<void> {
  const {
    tenants,
    memberships,
    resources,
    apiKeys,
    scopeKeys,
    revisions,
    sources,
    pendingEnds,
    listParts,
    forgetApiKeys,
  } = options
  const { tenantId, session } = change
  const before = await existing(tenants, tenantId, change)
  const latest = await revisions.latest(tenantId, session)
  const policyIds = latest?.enforcing_policy_ids ?? []
  if (latest !== undefined && policyIds.length > 0) {
    await pendingEnds.add({ tenantId, revision: latest.revision + 1, policyIds }, change)
  }
  const keys = await apiKeys.all(tenantId, session)
  await tenants.remove(tenantId, session)
  await memberships.removeAll(tenantId, session)
  await resources.actions.removeAll(tenantId, session)
  await resources.entityDefinitions.removeAll(tenantId, session)
  await resources.mitigations.removeAll(tenantId, session)
  await resources.policies.removeAll(tenantId, session)
  await resources.exemptions.removeAll(tenantId, session)
  await resources.lists.removeAll(tenantId, session)
  await listParts.removeAll(tenantId, session)
  await apiKeys.removeAll(tenantId, session)
  await options.operatorTokens.removeAll(tenantId, session)
  await scopeKeys.removeAll(tenantId, session)
  await revisions.removeAll(tenantId, session)
  await sources.removeAll(tenantId, session)
  change.tell(told('tenant.delete', { before, after: null }))
  change.onCommitted(() => forgetApiKeys(keys.map(({ api_key_id }) => api_key_id)))
}

function told(action: string, { before, after }: { before: TenantRecord | null; after: TenantRecord | null }) {
  const tenantId = (after ?? before)?.tenant_id ?? ''
  return { action, resource_type: 'tenant', resource_id: tenantId, before, after }
}

async function refuseTakenSlug(tenants: TenantStoreOfTenants, change: Change, tenant: TenantRecord): Promise<void> {
  const other = await tenants.findBySlug(tenant.slug, change.session)
  if (other === undefined || other.tenant_id === tenant.tenant_id) return
  throw new DomainError('slug_taken', `The slug "${tenant.slug}" is in use. Choose another one.`, {
    errors: [{ path: 'slug', code: 'slug_taken', message: 'is in use; choose another one' }],
  })
}

/** The first of `name`, `name-2`, `name-3`, … that is free. */
async function freeSlug(tenants: TenantStoreOfTenants, change: Change, name: string): Promise<string> {
  const base = slugFrom(name)
  for (let number = 1; number <= 50; number += 1) {
    const slug = number === 1 ? base : `${base}-${number}`
    if ((await tenants.findBySlug(slug, change.session)) === undefined) return slug
  }
  return `${base}-${change.tenantId.slice(-8).toLowerCase()}`
}
