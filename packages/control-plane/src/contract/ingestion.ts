/**
 * What the ingestion broker speaks, under `/internal/v1` with `Authorization: Bearer <service token>`.
 *
 * - `POST /batches`: the body is the batch's bytes as they came, its metadata in the `esper-*` headers below
 *   -> 202 `BatchReceipt`; 503 with `Retry-After` when it cannot keep more.
 * - `POST /claims` `ClaimRequest` -> `ClaimResponse`; waits up to `wait_ms` for work.
 * - `POST /claims/{claim_id}/ack` `{decided?: DecidedBatch[]}` | `/extend` `{lease_ms}` | `/release` `{error?}` -> 204;
 *   409 `claim_expired`.
 * - `GET /stats?tenant_id` -> `IngestionStats`.
 * - `GET /events?tenant_id&from&to&source_id&text&cursor&limit&clear_cookies` -> `EventPage`, newest first by arrival. A page
 *   may be short, even empty, and still have a cursor. `text` asks for events with a value that holds it, in any case;
 *   `clear_cookies` is a comma list of the tenant's.
 * - `GET /events/{event_id}?tenant_id&observed_at&clear_cookies` -> `StoredEvent`; 404. With `observed_at` it is found at once.
 */
import type { Captured, EventLine, TrustLevel } from '@esper/core'

/** Headers of `POST /batches`. The source id is percent-encoded. */
export const BATCH_HEADERS = {
  tenantId: 'esper-tenant-id',
  sourceId: 'esper-source-id',
  trustLevel: 'esper-trust-level',
  apiKeyId: 'esper-api-key-id',
  batchId: 'esper-batch-id',
  events: 'esper-events',
  retentionSeconds: 'esper-retention-seconds',
} as const

export interface ClaimRequest {
  readonly worker_id: string
  readonly max_batches: number
  readonly wait_ms: number
  readonly lease_ms: number
}

/** A stored batch as a worker gets it. `body` is base64 of the bytes on the wire. Times are epoch milliseconds. */
export interface ClaimedBatch {
  readonly tenant_id: string
  readonly source_id: string
  readonly trust_level: TrustLevel
  readonly batch_id: string
  readonly events: number
  readonly received_at: number
  /** End of the tenant's retention; the batch may come again until then. */
  readonly keep_until: number
  readonly content_encoding?: 'br' | 'gzip'
  /** 1 for the first delivery. */
  readonly attempt: number
  readonly body: string
}

export interface ClaimResponse {
  /** Absent when nothing arrived within `wait_ms`. */
  readonly claim?: {
    readonly claim_id: string
    readonly lease_until: number
    readonly batches: readonly ClaimedBatch[]
  }
}

/** With which policy set a batch was decided. */
export interface DecidedBatch {
  readonly batch_id: string
  readonly source_id: string
  readonly revision: number
}

export interface IngestionStats {
  readonly batches: number
  readonly events: number
  readonly queued_batches: number
  readonly leased_batches: number
  readonly dead_batches: number
  /** Milliseconds since the oldest batch still to be done arrived; 0 when there is none. */
  readonly oldest_age_ms: number
}

export interface StoredEvent extends EventLine {
  readonly tenant_id: string
  readonly source_id: string
  readonly batch_id: string
  readonly received_at: number
  readonly trust_level: TrustLevel
  /** `waiting` until an engine has decided its batch; `dead` when none could. */
  readonly state: 'waiting' | 'decided' | 'dead'
  /** Bundle revision whose demand it was captured under; 0 for none. */
  readonly captured_revision: number
  /** What it was captured with, where its sender said so itself. */
  readonly captured?: Captured
  /** Policy set it was decided with; absent while it waits. */
  readonly decided_revision?: number
}

export interface EventPage {
  readonly items: readonly StoredEvent[]
  readonly next_cursor: string | null
}
