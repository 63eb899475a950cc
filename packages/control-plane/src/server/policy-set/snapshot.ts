import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { actionRecord } from '../actions/schema.js'
import { entityDefinitionRecord } from '../entity-definitions/schema.js'
import { mitigationRecord } from '../mitigations/schema.js'
import { policyRecord } from '../policies/schema.js'
import { tenantRecord } from '../tenants/schema.js'
import type { TenantResources } from './resources.js'

const snapshot = z.object({
  watch_fields: tenantRecord.shape.watch_fields,
  clear_cookies: tenantRecord.shape.clear_cookies,
  actions: z.array(actionRecord),
  entityDefinitions: z.array(entityDefinitionRecord),
  mitigations: z.array(mitigationRecord),
  policies: z.array(policyRecord),
})

/**
 * What a revision keeps of what it was compiled from. Lists, exemptions and the enforcement switch are not part of it: they
 * are how people answer to what happens, and going back to earlier policies must not undo that.
 */
export function snapshotOf({ tenant, actions, entityDefinitions, mitigations, policies }: TenantResources): string {
  const { watch_fields, clear_cookies } = tenant
  return JSON.stringify({ watch_fields, clear_cookies, actions, entityDefinitions, mitigations, policies })
}

/** The tenant's resources with what a snapshot holds in the place of what is there. Whoever was there keeps their id. */
export function restored<Current extends TenantResources>(current: Current, json: string, now: Date): Current {
  const kept = snapshot.parse(JSON.parse(json))
  const at = now.toISOString()
  const { watch_fields, clear_cookies } = kept
  const tenant = { ...current.tenant, watch_fields, clear_cookies }
  return {
    ...current,
    tenant: isDeepStrictEqual(tenant, current.tenant) ? current.tenant : { ...tenant, updated_at: at },
    actions: backTo(kept.actions, { idField: 'action_id', now: current.actions, at }),
    entityDefinitions: backTo(kept.entityDefinitions, {
      ...{ idField: 'entity_definition_id', now: current.entityDefinitions, at },
    }),
    mitigations: backTo(kept.mitigations, { idField: 'mitigation_id', now: current.mitigations, at }),
    policies: backTo(kept.policies, { idField: 'policy_id', now: current.policies, at }).map((policy) => {
      const before = current.policies.find(({ policy_id }) => policy_id === policy.policy_id)
      // Decisions name the revision of their policy: it never stands for two different policies.
      return policy === before ? policy : { ...policy, revision: Math.max(policy.revision, before?.revision ?? 0) + 1 }
    }),
  }
}

interface Now<T> {
  readonly idField: keyof T
  readonly now: readonly T[]
  readonly at: string
}

function backTo<T extends { readonly updated_at: string }>(kept: readonly T[], { idField, now, at }: Now<T>): T[] {
  return kept.map((record) => {
    const current = now.find((one) => one[idField] === record[idField])
    const isSame = current !== undefined && isDeepStrictEqual(comparable(current), comparable(record))
    return isSame ? current : { ...record, updated_at: at }
  })
}

/** Without what only counts changes. */
function comparable(record: object): object {
  return { ...record, updated_at: '', revision: 0 }
}
