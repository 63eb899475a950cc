import type { ClaimedBatch, ClaimRequest, ClaimResponse, DecidedBatch } from '../contract/ingestion.js'
import { DomainError } from '../http/problem.js'
import type { BatchDocument } from './batch-document.js'
import { type BatchStore, type LeasedBatches, sealedBody } from './batch-store.js'
import type { Doorbell } from './doorbell.js'
import type { BatchSeal } from './seal.js'

export interface ClaimsOptions {
  readonly store: BatchStore
  readonly seal: BatchSeal
  readonly doorbell: Doorbell
  readonly now: () => number
  /** How often a waiting worker looks for what another broker accepted. */
  readonly pollMs: number
}

/** Most bytes of bodies in one claim: what a worker has to hold at once. */
const CLAIM_BYTES = 8 * 1_048_576

/** Leases work; waits for it when there is none. */
export async function claimBatches(
  options: ClaimsOptions,
  request: ClaimRequest,
  signal: AbortSignal,
): Promise<ClaimResponse> {
  const { store, doorbell, now } = options
  const deadline = now() + request.wait_ms
  for (;;) {
    if (signal.aborted) return {}
    const leased = await store.claim({
      workerId: request.worker_id,
      maxBatches: request.max_batches,
      maxBytes: CLAIM_BYTES,
      leaseMs: request.lease_ms,
      now: now(),
    })
    const response = leased === undefined ? undefined : await openAll(options, leased)
    if (response !== undefined) return response
    const leftMs = deadline - now()
    if (leftMs <= 0) return {}
    if (leased === undefined) await doorbell.wait(Math.min(leftMs, options.pollMs), signal)
  }
}

/** A claim with a batch that does not open goes back as failed, so that the others of it are delivered without it. */
async function openAll(options: ClaimsOptions, leased: LeasedBatches): Promise<ClaimResponse | undefined> {
  const { claimId, leaseUntil } = leased
  try {
    const batches = leased.batches.map((batch) => toClaimed(batch, options.seal))
    return { claim: { claim_id: claimId, lease_until: leaseUntil, batches } }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    await options.store.release(claimId, { now: options.now(), error: `cannot open the sealed batch: ${reason}` })
    return undefined
  }
}

function toClaimed(batch: BatchDocument, seal: BatchSeal): ClaimedBatch {
  return {
    tenant_id: batch.tenant_id,
    source_id: batch.source_id,
    trust_level: batch.trust_level,
    batch_id: batch.batch_id,
    events: batch.events,
    received_at: batch.received_at.getTime(),
    keep_until: batch.keep_until.getTime(),
    ...(batch.content_encoding === undefined ? {} : { content_encoding: batch.content_encoding }),
    attempt: batch.attempts,
    body: openBatch(batch, seal).toString('base64'),
  }
}

/** The bytes of a stored batch as they came. */
export function openBatch(batch: BatchDocument, seal: BatchSeal): Buffer {
  const sealed = { kekId: batch.kek_id, sealed: sealedBody(batch) }
  return seal.open(sealed, { tenantId: batch.tenant_id, aad: batch._id })
}

export async function acknowledge(
  options: ClaimsOptions,
  claimId: string,
  decided: readonly DecidedBatch[],
): Promise<void> {
  if (!(await options.store.ack(claimId, decided))) throw claimExpired()
}

export async function extendLease(options: ClaimsOptions, claimId: string, leaseMs: number): Promise<void> {
  if (!(await options.store.extend(claimId, options.now() + leaseMs))) throw claimExpired()
}

export async function releaseClaim(options: ClaimsOptions, claimId: string, error: string | undefined): Promise<void> {
  if (!(await options.store.release(claimId, { now: options.now(), error }))) throw claimExpired()
  options.doorbell.ring()
}

function claimExpired(): DomainError {
  return new DomainError('claim_expired', 'The lease of this claim is over.')
}
