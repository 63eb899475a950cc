import { createHash } from 'node:crypto'
import { ANY_LIST, LIMITS, type PolicySetContent, preparePolicySet } from '@esper/core'
import { DomainError } from '../../http/problem.js'
import type { PendingEnds } from '../active-mitigations/pending-ends-store.js'
import type { Change } from '../changes/change.js'
import { partOf } from '../lists/entries.js'
import type { ListPartStore } from '../lists/part-store.js'
import type { NewRevision, Revision, RevisionStore } from '../revisions/store.js'
import type { TenantStoreOfTenants } from '../tenants/store.js'
import { compilePolicySet } from './compile.js'
import { loadResources, type ResourceStores } from './resources.js'
import { checkRules, type Subject } from './rules.js'
import { snapshotOf } from './snapshot.js'

export interface Cause {
  /** The audit entry of the change. */
  readonly auditId: string
  readonly subject: Subject
}

/** Checks the tenant's resources as the change leaves them and gives them a new revision when a bundle would differ. */
export type PublishPolicySet = (change: Change, cause: Cause) => Promise<void>

export interface PublishOptions {
  readonly tenants: TenantStoreOfTenants
  readonly resources: ResourceStores
  readonly revisions: RevisionStore
  readonly pendingEnds: PendingEnds
  readonly listParts: ListPartStore
  /** Told after the commit. */
  readonly announce: (revision: NewRevision) => void
}

/** Room for what a bundle holds besides its policy set. */
const ENVELOPE_BYTES = 8_192

export function createPublish(options: PublishOptions): PublishPolicySet {
  const { tenants, revisions, pendingEnds, announce } = options
  return async (change, cause) => {
    const tenant = await tenants.find(change.tenantId, change.session)
    if (tenant === undefined) return
    const resources = await loadResources(options.resources, tenant, change.session)
    const latest = await revisions.latest(change.tenantId, change.session)
    const content = compilePolicySet(resources, (latest?.revision ?? 0) + 1, change.now)
    checkRules({ set: preparePolicySet(content, ANY_LIST), resources, subject: cause.subject })
    const content_sha256 = contentHash(content)
    if (content_sha256 === latest?.content_sha256) return
    const revision = describe(content, { change, cause, content_sha256 })
    const compiled = { json: fittingJson(content), sources: snapshotOf(resources) }
    await revisions.insert(revision, compiled, change.session)
    await followParts(options, change, { content, latest, retentionDays: tenant.retention_days })
    const ended = endedPolicies(latest, revision)
    if (ended.length > 0) {
      await pendingEnds.add({ tenantId: change.tenantId, revision: revision.revision, policyIds: ended }, change)
    }
    change.onCommitted(() => announce({ tenant_id: change.tenantId, revision: revision.revision }))
  }
}

interface Describe extends Pick<Revision, 'content_sha256'> {
  readonly change: Change
  readonly cause: Cause
}

function describe(content: PolicySetContent, { change, cause, content_sha256 }: Describe): Revision {
  const modes = new Map(content.mitigations.map(({ mitigation_id, mode }) => [mitigation_id, mode]))
  const enforcing = content.policies.filter(({ mitigation_id }) => {
    const mode = mitigation_id === undefined ? undefined : modes.get(mitigation_id)
    return mode === 'Challenge' || mode === 'Block'
  })
  return {
    tenant_id: content.tenant_id,
    revision: content.revision,
    created_at: change.now,
    audit_id: cause.auditId,
    enforcement: content.enforcement,
    policies: content.policies.length,
    enforcing_policy_ids: enforcing.map(({ policy_id }) => policy_id),
    list_hashes: (content.lists ?? []).map(({ sha256 }) => sha256),
    content_sha256,
  }
}

/** Room for events that come late, and for SDKs that are behind. */
const SLACK_DAYS = 1
const DAY_MS = 86_400_000

interface PartChange {
  readonly content: PolicySetContent
  readonly latest: Revision | undefined
  readonly retentionDays: number
}

/** Keeps the parts that the new bundle names, and lets those go, in their time, that it does not name any more. */
async function followParts(
  { listParts, resources: { lists } }: PublishOptions,
  { tenantId, session, now }: Change,
  { content, latest, retentionDays }: PartChange,
): Promise<void> {
  for (const { list_id, sha256 } of content.lists ?? []) {
    const read = async () => partOf(await lists.entries(tenantId, list_id, session))
    await listParts.keep({ tenantId, sha256, read }, session)
  }
  const named = new Set((content.lists ?? []).map(({ sha256 }) => sha256))
  const hashes = (latest?.list_hashes ?? []).filter((hash) => !named.has(hash))
  const goneAt = new Date(now.getTime() + (retentionDays + SLACK_DAYS) * DAY_MS)
  await listParts.letGo({ tenantId, hashes, goneAt }, session)
}

/** Policies that challenged or blocked before and do not any more: disabled, deleted, or set to Monitor. */
function endedPolicies(before: Revision | undefined, after: Revision): string[] {
  return (before?.enforcing_policy_ids ?? []).filter((id) => !after.enforcing_policy_ids.includes(id))
}

function contentHash(content: PolicySetContent): string {
  return createHash('sha256')
    .update(JSON.stringify({ ...content, revision: 0 }))
    .digest('hex')
}

function fittingJson(content: PolicySetContent): string {
  const json = JSON.stringify(content)
  const bytes = Buffer.byteLength(json) + ENVELOPE_BYTES
  if (bytes <= LIMITS.bundleBytes) return json
  const [most, is] = [LIMITS.bundleBytes, bytes].map((count) => `${(count / 1_048_576).toFixed(1)} MiB`)
  throw new DomainError('bundle_too_large', `With this change the bundle would have ${is}; ${most} is the most.`)
}
