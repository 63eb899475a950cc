import type { ActiveMitigation, CountingScope, MitigationDelta, MitigationPage } from '@esper/core'
import type { LookupRequest, StoredMitigation } from '../contract/mitigation.js'
import type { MitigationStore } from './mitigation-store.js'

/** What an SDK is told of a mitigation: that it holds, or that it has ended. */
export function toDelta(stored: StoredMitigation): MitigationDelta {
  const { active_mitigation_id, policy_id, counting_scope, entity_key, sequence, not_before } = stored
  if (stored.ended_at === undefined) return { kind: 'upsert', mitigation: toActive(stored) }
  const forgotten = not_before === undefined ? {} : { not_before }
  return {
    kind: 'remove',
    removal: { active_mitigation_id, policy_id, counting_scope, entity_key, sequence, ...forgotten },
  }
}

function toActive(stored: StoredMitigation): ActiveMitigation {
  const { active_mitigation_id, policy_id, mitigation_id, counting_scope, entity_key, since, expires_at } = stored
  const { sequence } = stored
  return {
    active_mitigation_id,
    policy_id,
    mitigation_id,
    counting_scope,
    entity_key,
    since,
    expires_at,
    sequence,
  }
}

const PAGE_SIZE = 5_000

/**
 * Changes of a counting scope after a cursor. A cursor of 0, or one beyond the last sequence (the database was restored),
 * gets the full state. Rows are kept until they have expired, so no other cursor is ever too old.
 */
export async function deltaPage(
  store: MitigationStore,
  query: {
    readonly tenantId: string
    readonly scope: CountingScope
    readonly since: number
    readonly now: number
    readonly pageSize?: number
  },
): Promise<MitigationPage> {
  const { tenantId, scope, now, pageSize = PAGE_SIZE } = query
  // Read first: whatever commits after this has a later sequence and is found from the cursor on.
  const last = await store.lastSequence(tenantId)
  const full = query.since === 0 || query.since > last
  const since = full ? 0 : query.since
  const rows = await store.after({ tenantId, scope, since, liveOnly: full, now, limit: pageSize })
  const lastRow = rows.at(-1)?.sequence ?? 0
  const cursor = rows.length < pageSize ? Math.max(last, lastRow) : lastRow
  return { deltas: rows.map(toDelta), cursor, full }
}

/** Mitigations of the asked entities that were live at some time in the span, and those that were released. */
export async function lookup(store: MitigationStore, request: LookupRequest): Promise<readonly StoredMitigation[]> {
  if (request.keys.length === 0) return []
  const asked = new Set(request.keys.map((key) => `${key.policy_id} ${key.entity_key}`))
  const rows = await store.ofEntities({
    tenantId: request.tenant_id,
    scope: request.counting_scope,
    entityKeys: [...new Set(request.keys.map((key) => key.entity_key))],
    policyIds: [...new Set(request.keys.map((key) => key.policy_id))],
    from: request.from,
    to: request.to,
  })
  return rows.filter((row) => asked.has(`${row.policy_id} ${row.entity_key}`))
}
