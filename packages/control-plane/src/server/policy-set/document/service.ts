import type { ClientSession } from '../../../database/types.js'
import { DomainError } from '../../../http/problem.js'
import type { AuditActor } from '../../audit/schema.js'
import type { Authorize } from '../../auth/authorize.js'
import type { Change, RunChange } from '../../changes/change.js'
import { newId } from '../../ids.js'
import type { RevisionStore } from '../../revisions/store.js'
import type { Caller } from '../../routing/route.js'
import type { PublishPolicySet } from '../publish.js'
import { loadResources } from '../resources.js'
import { restored } from '../snapshot.js'
import { assemble } from './assemble.js'
import { checkPolicySet } from './check.js'
import { Findings } from './findings.js'
import { type CurrentPolicySet, documentOf } from './items.js'
import { planOf } from './plan.js'
import type { PolicySetApplied, PolicySetDocument, PolicySetPlan } from './schema.js'
import { type WriteStores, writePolicySet } from './write.js'

export interface PolicySetService {
  /** The document that says what the tenant is now. */
  export(tenantId: string): Promise<object>
  /** What applying the document would change. */
  plan(target: PolicySetTarget, document: PolicySetDocument): Promise<PolicySetPlan>
  /** Changes everything that differs, in one step or not at all. */
  apply(target: PolicySetTarget, input: ApplyInput): Promise<PolicySetApplied>
  /** Makes policies, and what they need, what they were at a revision. */
  restore(target: PolicySetTarget, revision: number): Promise<PolicySetApplied>
}

export interface PolicySetTarget {
  readonly tenantId: string
  readonly caller: Caller
}

export interface ApplyInput {
  readonly document: PolicySetDocument
  /** The plan that was agreed to. */
  readonly plan?: string | undefined
}

export interface PolicySetServiceOptions extends WriteStores {
  readonly revisions: Pick<RevisionStore, 'latest' | 'sources'>
  readonly changes: RunChange
  readonly publish: PublishPolicySet
  readonly authorize: Authorize
  readonly now: () => number
}

export function createPolicySetService(options: PolicySetServiceOptions): PolicySetService {
  const { changes, now } = options
  const planned = async (target: PolicySetTarget, document: PolicySetDocument) => {
    const current = await currentOf(options, target.tenantId)
    return wantedOf(current, document, { now: new Date(now()), actor: target.caller.actor })
  }
  return {
    export: async (tenantId) => documentOf(await currentOf(options, tenantId)),
    plan: async (target, document) => (await planned(target, document)).plan,
    apply: async ({ tenantId, caller }, input) => {
      const before = await planned({ tenantId, caller }, input.document)
      const mayChangeSettings = before.wanted.tenant !== before.current.tenant
      if (mayChangeSettings) await options.authorize(caller, { permission: 'tenant.update', method: 'patch' }, tenantId)
      const work = (change: Change) => apply(options, change, { ...input, actor: caller.actor, mayChangeSettings })
      return changes({ tenantId, caller, work })
    },
    restore: ({ tenantId, caller }, revision) =>
      changes({ tenantId, caller, work: (change) => restore(options, change, revision) }),
  }
}

interface Apply extends ApplyInput {
  readonly actor: AuditActor
  readonly mayChangeSettings: boolean
}

async function apply(
  options: PolicySetServiceOptions,
  change: Change,
  { document, plan: agreed, actor, mayChangeSettings }: Apply,
): Promise<PolicySetApplied> {
  const { tenantId, session, now } = change
  const current = await currentOf(options, tenantId, session)
  const { wanted, plan } = wantedOf(current, document, { now, actor })
  const isOther = agreed !== undefined && agreed !== plan.plan
  if (isOther || (wanted.tenant !== current.tenant && !mayChangeSettings)) throw planChanged()
  return carryOut(options, change, { current, wanted, plan, told: { action: 'policy_set.apply' } })
}

async function restore(options: PolicySetServiceOptions, change: Change, revision: number): Promise<PolicySetApplied> {
  const { tenantId, session, now } = change
  const sources = await options.revisions.sources(tenantId, revision, session)
  if (sources === undefined) {
    throw new DomainError('not_found', `There is no revision ${revision} of this tenant that can be restored.`)
  }
  const current = await currentOf(options, tenantId, session)
  const wanted = restored(current, sources, now)
  checkPolicySet(wanted, new Findings(new Set()), now)
  const told = { action: 'policy_set.restore', revision }
  return carryOut(options, change, { current, wanted, plan: planOf(current, wanted), told })
}

interface CarryOut {
  readonly current: CurrentPolicySet
  readonly wanted: CurrentPolicySet
  readonly plan: PolicySetPlan
  readonly told: { readonly action: string; readonly revision?: number }
}

async function carryOut(
  options: PolicySetServiceOptions,
  change: Change,
  { current, wanted, plan, told: { action, ...more } }: CarryOut,
): Promise<PolicySetApplied> {
  const { tenantId, session } = change
  if (plan.changes.length > 0) {
    const count = (verb: string) => plan.changes.filter((one) => one.verb === verb).length
    const after = { ...more, created: count('create'), updated: count('update'), deleted: count('delete') }
    const auditId = change.tell({ action, resource_type: 'policy_set', resource_id: tenantId, before: null, after })
    await writePolicySet(options, change, { current, wanted })
    await options.publish(change, { auditId, subject: 'policy' })
  }
  return { ...plan, revision: (await options.revisions.latest(tenantId, session))?.revision ?? 0 }
}

async function currentOf(
  { tenants, resources }: WriteStores,
  tenantId: string,
  session?: ClientSession,
): Promise<CurrentPolicySet> {
  const tenant = await tenants.find(tenantId, session)
  if (tenant === undefined) throw new DomainError('not_found', 'There is no such tenant.')
  const all = await loadResources(resources, tenant, session)
  const lists = []
  for (const list of all.lists) {
    lists.push({ ...list, entries: await resources.lists.entries(tenantId, list.list_id, session) })
  }
  return { ...all, lists }
}

function wantedOf(
  current: CurrentPolicySet,
  document: PolicySetDocument,
  { now, actor }: { readonly now: Date; readonly actor: AuditActor },
) {
  const { wanted, findings } = assemble(current, document, { now, actor, newId })
  checkPolicySet(wanted, findings, now)
  return { current, wanted, plan: planOf(current, wanted) }
}

function planChanged(): DomainError {
  return new DomainError('plan_changed', 'Somebody changed the policy set since this plan was made. Look at it again.')
}
