import type { BatchReceipt, TrustLevel } from '@esper/core'
import {
  BATCH_HEADERS,
  type ClaimRequest,
  type ClaimResponse,
  type DecidedBatch,
  type EventPage,
  type IngestionStats,
  type StoredEvent,
} from '../contract/ingestion.js'
import { createServiceClient, type ServiceClientOptions } from './service-client.js'

/** A verified batch on its way to the broker. */
export interface OutgoingBatch {
  readonly tenantId: string
  readonly sourceId: string
  readonly trustLevel: TrustLevel
  readonly apiKeyId: string
  readonly batchId: string
  readonly events: number
  readonly retentionSeconds: number
  readonly contentEncoding?: 'br' | 'gzip' | undefined
  readonly body: Uint8Array
}

export interface EventsQuery {
  readonly tenantId: string
  readonly from?: number
  readonly to?: number
  readonly sourceId?: string | undefined
  /** Only events with a value that holds this text, in any case. */
  readonly text?: string | undefined
  readonly cursor?: string | undefined
  readonly limit?: number
  /** The tenant's cookies in clear; every other credential that a sender left in clear is hashed. */
  readonly clearCookies?: readonly string[]
}

export interface EventQuery {
  readonly tenantId: string
  readonly eventId: string
  /** When it was observed, if known: the event is then found at once. */
  readonly observedAt?: number | undefined
  readonly clearCookies?: readonly string[]
}

export interface IngestionClient {
  accept(batch: OutgoingBatch): Promise<BatchReceipt>
  claim(request: ClaimRequest, signal?: AbortSignal): Promise<ClaimResponse>
  /** `decided` tells with which policy sets, so that events can be explained. */
  ack(claimId: string, decided?: readonly DecidedBatch[]): Promise<void>
  extend(claimId: string, leaseMs: number): Promise<void>
  release(claimId: string, error?: string): Promise<void>
  stats(tenantId?: string): Promise<IngestionStats>
  events(query: EventsQuery): Promise<EventPage>
  /** Rejects with `not_found`. */
  event(query: EventQuery): Promise<StoredEvent>
  close(): Promise<void>
}

const CLAIM_GRACE_MS = 10_000
const SEARCH_TIMEOUT_MS = 30_000

export function createIngestionClient(options: Omit<ServiceClientOptions, 'name'>): IngestionClient {
  const client = createServiceClient({ ...options, name: 'ingestion broker' })
  const onClaim = (claimId: string, verb: string, json: unknown) =>
    client.request<void>({ method: 'POST', path: `/claims/${encodeURIComponent(claimId)}/${verb}`, json })
  return {
    accept: (batch) =>
      client.request({ method: 'POST', path: '/batches', body: batch.body, headers: batchHeaders(batch) }),
    claim: (request, signal) =>
      client.request({
        method: 'POST',
        path: '/claims',
        json: request,
        signal,
        timeoutMs: request.wait_ms + CLAIM_GRACE_MS,
      }),
    ack: (claimId, decided) => onClaim(claimId, 'ack', decided === undefined ? {} : { decided }),
    extend: (claimId, leaseMs) => onClaim(claimId, 'extend', { lease_ms: leaseMs }),
    release: (claimId, error) => onClaim(claimId, 'release', error === undefined ? {} : { error }),
    stats: (tenantId) => client.request({ method: 'GET', path: '/stats', query: { tenant_id: tenantId } }),
    events: (query) =>
      client.request({
        method: 'GET',
        path: '/events',
        query: {
          tenant_id: query.tenantId,
          from: query.from,
          to: query.to,
          source_id: query.sourceId,
          text: query.text,
          cursor: query.cursor,
          limit: query.limit,
          clear_cookies: query.clearCookies?.join(','),
        },
        timeoutMs: SEARCH_TIMEOUT_MS,
      }),
    event: ({ tenantId, eventId, observedAt, clearCookies }) =>
      client.request({
        method: 'GET',
        path: `/events/${encodeURIComponent(eventId)}`,
        query: { tenant_id: tenantId, observed_at: observedAt, clear_cookies: clearCookies?.join(',') },
        timeoutMs: SEARCH_TIMEOUT_MS,
      }),
    close: () => client.close(),
  }
}

function batchHeaders(batch: OutgoingBatch): Record<string, string> {
  return {
    'content-type': 'application/x-ndjson',
    ...(batch.contentEncoding === undefined ? {} : { 'content-encoding': batch.contentEncoding }),
    [BATCH_HEADERS.tenantId]: batch.tenantId,
    [BATCH_HEADERS.sourceId]: encodeURIComponent(batch.sourceId),
    [BATCH_HEADERS.trustLevel]: batch.trustLevel,
    [BATCH_HEADERS.apiKeyId]: batch.apiKeyId,
    [BATCH_HEADERS.batchId]: batch.batchId,
    [BATCH_HEADERS.events]: String(batch.events),
    [BATCH_HEADERS.retentionSeconds]: String(batch.retentionSeconds),
  }
}
