import type { BatchDocument } from './batch-document.js'
import type { BatchStore } from './batch-store.js'

export interface NewestBatchesQuery {
  readonly tenantId: string
  readonly sourceId?: string | undefined
  /** By arrival. */
  readonly from: number
  /** By arrival, not included. */
  readonly to: number
  /** Starts with this batch and goes on to older ones. */
  readonly before?: { readonly receivedAt: number; readonly id: string } | undefined
  readonly now: number
}

const BATCHES_A_READ = 20
const FIRST_SPAN_MS = 30_000
const GROWTH = 4

/**
 * Batches of a tenant, newest first. The span is read in pieces, small ones at its new end: a database that sorts what it
 * finds, in place of reading in the order of an index, then sorts little.
 */
export async function* newestBatches(store: BatchStore, query: NewestBatchesQuery): AsyncGenerator<BatchDocument> {
  const { tenantId, sourceId, from, before } = query
  let to = before === undefined ? query.to : Math.min(query.to, before.receivedAt + 1)
  let start = Math.min(to, query.now)
  for (let lengthMs = FIRST_SPAN_MS; to > from; lengthMs *= GROWTH) {
    start = Math.max(from, start - lengthMs)
    yield* batchesOf(store, { tenantId, sourceId, before, receivedFrom: start, receivedTo: to })
    to = start
  }
}

type Piece = Omit<Parameters<BatchStore['newest']>[0], 'limit'>

async function* batchesOf(store: BatchStore, piece: Piece): AsyncGenerator<BatchDocument> {
  let { before } = piece
  for (;;) {
    const batches = await store.newest({ ...piece, before, limit: BATCHES_A_READ })
    // The one that the read starts with was there already, but for the first.
    const isAgain = (batch: BatchDocument) => before !== piece.before && batch._id === before?.id
    for (const batch of batches) if (!isAgain(batch)) yield batch
    const last = batches.at(-1)
    if (last === undefined || batches.length < BATCHES_A_READ) return
    before = { receivedAt: last.received_at.getTime(), id: last._id }
  }
}
