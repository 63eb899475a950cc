import type { IngestionClient } from '../../clients/ingestion-client.js'
import type { ApiKeyStore } from '../api-keys/store.js'
import { pageOf, pageQuery } from '../resources/routes.js'
import { isoOrNull } from '../results/span.js'
import { noBody, type Route, route } from '../routing/route.js'
import type { Page } from '../shapes.js'
import { type SourceRecord, sourceRecord } from './schema.js'
import type { SdkInstance, SourceStore } from './store.js'

/** A process that said nothing for this long is not counted as live. */
const LIVE_MS = 120_000
const LOOK_BACK_MS = 7 * 86_400_000

export interface SourceRoutesOptions {
  readonly apiKeys: ApiKeyStore
  readonly sources: SourceStore
  readonly broker: IngestionClient
  readonly now: () => number
}

export function sourceRoutes(options: SourceRoutesOptions): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/tenants/:tenant_id/sources',
      permission: 'results.read',
      status: 200,
      summary: 'Sources and the SDKs that speak for them',
      body: noBody,
      query: pageQuery,
      answer: pageOf(sourceRecord),
      handle: ({ tenantId }) => list(options, tenantId),
    }),
  ]
}

async function list(
  { apiKeys, sources, broker, now }: SourceRoutesOptions,
  tenantId: string,
): Promise<Page<SourceRecord>> {
  const at = now()
  const [keys, instances] = await Promise.all([
    apiKeys.all(tenantId),
    sources.ofTenant(tenantId, new Date(at - LOOK_BACK_MS)),
  ])
  const names = [...new Set([...keys, ...instances].map(({ source_id }) => source_id))].sort()
  const items = names.map(async (sourceId): Promise<SourceRecord> => {
    const of = instances.filter(({ source_id }) => source_id === sourceId)
    const newest = await broker.events({ tenantId, from: at - LOOK_BACK_MS, to: at + LIVE_MS, sourceId, limit: 1 })
    const levels = keys.filter(({ source_id }) => source_id === sourceId).map(({ trust_level }) => trust_level)
    return {
      source_id: sourceId,
      trust_levels: [...new Set(levels)],
      last_event_at: isoOrNull(newest.items[0]?.observed_at ?? null),
      ...summary(of, at),
    }
  })
  return { items: await Promise.all(items), next_cursor: null }
}

function summary(
  instances: readonly SdkInstance[],
  at: number,
): Pick<SourceRecord, 'sdk' | 'revision' | 'instances' | 'loss'> {
  const live = instances.filter(({ last_seen_at }) => at - last_seen_at.getTime() <= LIVE_MS)
  const loss: Record<string, number> = {}
  for (const instance of live) {
    for (const [reason, count] of Object.entries(instance.loss)) loss[reason] = (loss[reason] ?? 0) + count
  }
  return {
    sdk: instances[0]?.sdk ?? null,
    revision: live.length === 0 ? null : Math.min(...live.map(({ revision }) => revision)),
    instances: live.length,
    loss,
  }
}
