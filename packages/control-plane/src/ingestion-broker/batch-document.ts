import type { TrustLevel } from '@esper/core'
import type { mongo } from '../database/types.js'

export type BatchState = 'queued' | 'leased' | 'done' | 'dead'

/** A batch as it stands in `batches`. The body is sealed; nothing in clear but what claims and the feed sort by. */
export interface BatchDocument {
  /** `<tenant_id>:<batch_id>:<source_id>`: unique by itself, and a shard key that begins with the tenant. */
  readonly _id: string
  readonly tenant_id: string
  readonly source_id: string
  readonly trust_level: TrustLevel
  readonly api_key_id: string
  readonly batch_id: string
  readonly events: number
  readonly bytes: number
  readonly content_encoding?: 'br' | 'gzip'
  readonly kek_id: string
  readonly body: mongo.Binary
  readonly received_at: Date
  /** End of the tenant's retention. */
  readonly keep_until: Date
  readonly state: BatchState
  readonly attempts: number
  readonly available_at: Date
  readonly claim_id?: string
  readonly worker_id?: string
  readonly lease_until?: Date
  readonly last_error?: string
  /** Policy set it was decided with. */
  readonly decided_revision?: number
  /** Set only when the batch is done or dead, so that clean-up never takes one that still waits. */
  readonly expire_at?: Date
}

export interface BatchKey {
  readonly tenantId: string
  readonly sourceId: string
  readonly batchId: string
}

/** Tenant and batch ids hold no colon, so the text is unambiguous. */
export function batchKey({ tenantId, sourceId, batchId }: BatchKey): string {
  return `${tenantId}:${batchId}:${sourceId}`
}
