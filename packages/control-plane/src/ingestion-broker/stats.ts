import type { IngestionStats } from '../contract/ingestion.js'
import type { BatchStore } from './batch-store.js'

/** What is stored, what waits, and for how long the oldest has waited. */
export async function ingestionStats(
  store: BatchStore,
  { tenantId, now }: { readonly tenantId: string | undefined; readonly now: number },
): Promise<IngestionStats> {
  const rows = await store.statsByState(tenantId)
  const of = (state: string) => rows.find((row) => row._id === state)
  const waiting = [of('queued'), of('leased')].flatMap((row) => (row === undefined ? [] : [row.oldest.getTime()]))
  return {
    batches: rows.reduce((sum, row) => sum + row.batches, 0),
    events: rows.reduce((sum, row) => sum + row.events, 0),
    queued_batches: of('queued')?.batches ?? 0,
    leased_batches: of('leased')?.batches ?? 0,
    dead_batches: of('dead')?.batches ?? 0,
    oldest_age_ms: waiting.length === 0 ? 0 : Math.max(0, now - Math.min(...waiting)),
  }
}
