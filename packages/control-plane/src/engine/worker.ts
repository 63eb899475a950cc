import { setTimeout as wait } from 'node:timers/promises'
import type { IngestionClient } from '../clients/ingestion-client.js'
import { DomainError } from '../http/problem.js'
import type { Logger } from '../observability/logger.js'
import { type Claim, ClaimOvertakenError, type EngineParts, processClaim, publishAll } from './process-claim.js'

export interface WorkerOptions {
  readonly workerId: string
  readonly ingestion: IngestionClient
  readonly parts: EngineParts
  readonly logger: Logger
  readonly maxBatches: number
  readonly waitMs: number
  readonly leaseMs: number
  readonly onFailure?: () => void
}

export interface Worker {
  /** Claims and decides until the signal aborts; what is under way is finished. */
  run(signal: AbortSignal): Promise<void>
  /** Delivers publications that dead workers left behind. @returns how many */
  recover(): Promise<number>
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

export function createWorker(options: WorkerOptions): Worker {
  const { ingestion, parts, logger } = options
  let failures = 0

  async function round(signal: AbortSignal): Promise<void> {
    const request = {
      worker_id: options.workerId,
      max_batches: options.maxBatches,
      wait_ms: options.waitMs,
      lease_ms: options.leaseMs,
    }
    const { claim } = await ingestion.claim(request, signal)
    if (claim === undefined) return
    try {
      await withLease(options, claim, () => processClaim(parts, claim))
    } catch (error) {
      await giveBack(options, claim, error)
      throw error
    }
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          await round(signal)
          failures = 0
        } catch (error) {
          if (signal.aborted || error instanceof ClaimOvertakenError) continue
          failures += 1
          options.onFailure?.()
          logger.warn({ err: error, failures }, 'a claim could not be worked through; it is delivered again')
          const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures, 10), LONGEST_PAUSE_MS)
          await wait(pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined)
        }
      }
    },
    async recover() {
      let count = 0
      for (;;) {
        const lapsed = await parts.records.takeLapsed({ now: parts.now(), leaseMs: parts.outboxLeaseMs })
        if (lapsed === undefined) return count
        await publishAll(parts, [lapsed])
        count += 1
      }
    },
  }
}

/** Keeps the lease alive while `work` runs. A lease that is lost anyway is found out by the transaction or the acknowledgement. */
async function withLease(
  { ingestion, leaseMs, logger }: WorkerOptions,
  claim: Claim,
  work: () => Promise<void>,
): Promise<void> {
  const timer = setInterval(() => {
    ingestion.extend(claim.claim_id, leaseMs).catch((error: unknown) => {
      logger.info({ err: error, claim_id: claim.claim_id }, 'the lease could not be extended')
    })
  }, leaseMs / 3)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
}

/**
 * A claim that fails because something does not answer costs its batches no attempt: an outage makes no dead letters. A
 * fault of the batches' own is told to the broker.
 */
async function giveBack({ ingestion, logger }: WorkerOptions, claim: Claim, error: unknown): Promise<void> {
  if (error instanceof DomainError && error.code === 'claim_expired') return
  const reason = isOutage(error) ? undefined : error instanceof Error ? error.message : String(error)
  await ingestion.release(claim.claim_id, reason).catch((failure: unknown) => {
    logger.info({ err: failure, claim_id: claim.claim_id }, 'the claim could not be given back; its lease will expire')
  })
}

function isOutage(error: unknown): boolean {
  if (error instanceof ClaimOvertakenError) return true
  if (error instanceof DomainError) return error.kind === 'unavailable' || error.kind === 'internal'
  return (
    error instanceof Error && /^Mongo(?:Network|ServerSelection|NotConnected|PoolCleared|PoolClosed)/.test(error.name)
  )
}
