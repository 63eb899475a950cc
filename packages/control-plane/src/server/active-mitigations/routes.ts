import { z } from 'zod'
import type { MitigationClient } from '../../clients/mitigation-client.js'
import type { StoredMitigation } from '../../contract/mitigation.js'
import { DomainError } from '../../http/problem.js'
import type { RunChange } from '../changes/change.js'
import { pageOf } from '../resources/routes.js'
import { toEntity } from '../results/decision-item.js'
import { type Caller, noBody, noQuery, type Route, route } from '../routing/route.js'
import { idShape, pageQueryShape } from '../shapes.js'
import { type ActiveMitigationRecord, activeMitigationRecord } from './schema.js'

const liveQuery = z.strictObject({ ...pageQueryShape, policy_id: idShape.optional() })
const ALL = '/tenants/:tenant_id/active-mitigations'

export interface ActiveMitigationRoutesOptions {
  readonly broker: MitigationClient
  readonly changes: RunChange
  readonly now: () => number
}

export function activeMitigationRoutes(options: ActiveMitigationRoutesOptions): readonly Route[] {
  const { broker } = options
  return [
    route({
      ...{ method: 'get', path: ALL, permission: 'active_mitigation.read', status: 200 },
      summary: 'Entities that are held right now',
      ...{ body: noBody, query: liveQuery, answer: pageOf(activeMitigationRecord) },
      handle: async ({ tenantId, query: { policy_id: policyId, limit, cursor } }) => {
        const page = await broker.live({ tenantId, policyId, limit, cursor })
        return { items: page.items.map(toRecord), next_cursor: page.next_cursor }
      },
    }),
    route({
      ...{ method: 'delete', path: `${ALL}/:id`, permission: 'active_mitigation.release', status: 204 },
      summary: 'Release an entity: what it did before is forgotten',
      ...{ body: noBody, query: noQuery },
      handle: ({ tenantId, id, caller }) => release(options, { tenantId, id, caller }),
    }),
  ]
}

async function release(
  { broker, changes, now }: ActiveMitigationRoutesOptions,
  { tenantId, id, caller }: { tenantId: string; id: string; caller: Caller },
): Promise<void> {
  const notBefore = now()
  const { released } = await broker.release({
    tenant_id: tenantId,
    active_mitigation_id: id,
    not_before: notBefore,
  })
  if (!released) throw new DomainError('not_found', 'This tenant has no live active mitigation with this id.')
  await changes({
    tenantId,
    caller,
    work: async (change) => {
      change.tell({
        action: 'active_mitigation.release',
        resource_type: 'active_mitigation',
        resource_id: id,
        before: null,
        after: { not_before: new Date(notBefore).toISOString() },
      })
    },
  })
}

function toRecord(held: StoredMitigation): ActiveMitigationRecord {
  return {
    active_mitigation_id: held.active_mitigation_id,
    policy_id: held.policy_id,
    mitigation_id: held.mitigation_id,
    counting_scope: held.counting_scope,
    entity: toEntity(held.entity),
    since: new Date(held.since).toISOString(),
    expires_at: new Date(held.expires_at).toISOString(),
    sequence: held.sequence,
  }
}
