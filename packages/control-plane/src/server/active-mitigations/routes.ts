import { z } from 'zod'
import type { MitigationClient } from '../../clients/mitigation-client.js'
import type { StoredMitigation } from '../../contract/mitigation.js'
import { pageOf } from '../resources/routes.js'
import { toEntity } from '../results/decision-item.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { idShape, pageQueryShape } from '../shapes.js'
import { type ReleaseOptions, release } from './release.js'
import { type ActiveMitigationRecord, activeMitigationRecord, releaseInput, releaseRecord } from './schema.js'

const liveQuery = z.strictObject({ ...pageQueryShape, policy_id: idShape.optional() })
const ALL = '/tenants/:tenant_id/active-mitigations'

export interface ActiveMitigationRoutesOptions extends ReleaseOptions {
  readonly broker: MitigationClient
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
      handle: ({ tenantId, id, caller }) => release(options, { tenantId, id, caller }, {}),
    }),
    route({
      ...{ method: 'post', path: `${ALL}/:id/release`, permission: 'active_mitigation.release', status: 200 },
      summary: 'Release an entity, and exempt exactly that entity for a time or for good',
      ...{ body: releaseInput, query: noQuery, answer: releaseRecord },
      handle: ({ tenantId, id, caller, body }) => release(options, { tenantId, id, caller }, body),
    }),
  ]
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
