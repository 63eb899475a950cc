import type { BatchReceipt, TrustLevel } from '@esper/core'
import { DomainError } from '../http/problem.js'
import type { Backlog } from './backlog.js'
import { batchKey } from './batch-document.js'
import type { BatchStore } from './batch-store.js'
import type { BatchSeal } from './seal.js'

/** A verified batch: the bytes as they came, and what the server knows of their sender. */
export interface IncomingBatch {
  readonly tenantId: string
  readonly sourceId: string
  readonly trustLevel: TrustLevel
  readonly apiKeyId: string
  readonly batchId: string
  readonly events: number
  readonly retentionSeconds: number
  readonly contentEncoding?: 'br' | 'gzip' | undefined
  readonly body: Buffer
}

export interface IntakeOptions {
  readonly store: BatchStore
  readonly seal: BatchSeal
  readonly backlog: Backlog
  readonly now: () => number
  /** Told of each new batch. */
  readonly onAccepted: () => void
}

const RETRY_AFTER_SECONDS = 5

/** Seals and stores a batch; its receipt means that it is durable. */
export async function acceptBatch(options: IntakeOptions, batch: IncomingBatch): Promise<BatchReceipt> {
  const { store, seal, backlog } = options
  const { tenantId, sourceId, batchId } = batch
  if (!backlog.hasRoom(tenantId, batch.body.length)) {
    throw new DomainError('backlog_full', 'Too many batches are waiting to be worked through.', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    })
  }
  const key = batchKey({ tenantId, sourceId, batchId })
  const { kekId, sealed } = seal.seal(batch.body, { tenantId, aad: key })
  const receivedAt = options.now()
  const before = await store.insert({
    _id: key,
    tenant_id: tenantId,
    source_id: sourceId,
    trust_level: batch.trustLevel,
    api_key_id: batch.apiKeyId,
    batch_id: batchId,
    events: batch.events,
    bytes: batch.body.length,
    ...(batch.contentEncoding === undefined ? {} : { content_encoding: batch.contentEncoding }),
    kek_id: kekId,
    sealed,
    received_at: new Date(receivedAt),
    keep_until: new Date(receivedAt + batch.retentionSeconds * 1_000),
  })
  if (before === undefined) {
    backlog.add(tenantId, batch.body.length)
    options.onAccepted()
  }
  return { batch_id: batchId, accepted: before ?? batch.events, duplicate: before !== undefined }
}
