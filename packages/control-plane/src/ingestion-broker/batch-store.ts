import { randomBytes } from 'node:crypto'
import { type Connection, mongo } from 'mongoose'
import type { DecidedBatch } from '../contract/ingestion.js'
import { collectionOf } from '../database/collection.js'
import { isDuplicateKey } from '../database/transaction.js'
import type { BatchDocument } from './batch-document.js'

export interface BatchStoreOptions {
  /** Deliveries of a batch before it becomes a dead letter. */
  readonly maxAttempts: number
  /** Wait before a failed batch is offered again, doubled with each attempt. */
  readonly retryMs: number
  /** How long a dead letter outlives its retention. */
  readonly deadLetterMs: number
}

export interface ClaimOptions {
  readonly workerId: string
  readonly maxBatches: number
  readonly maxBytes: number
  readonly leaseMs: number
  readonly now: number
}

/** A batch as it arrives: it begins queued. */
export type NewBatch = Omit<BatchDocument, 'body' | 'state' | 'attempts' | 'available_at'> & { readonly sealed: Buffer }

/** The sealed body of a stored batch. */
export function sealedBody({ body }: Pick<BatchDocument, 'body'>): Buffer {
  return Buffer.from(body.buffer.buffer, body.buffer.byteOffset, body.position)
}

export interface LeasedBatches {
  readonly claimId: string
  readonly leaseUntil: number
  /** Oldest first, all of one tenant. */
  readonly batches: readonly BatchDocument[]
}

export interface QueuedByTenant {
  readonly tenantId: string
  readonly batches: number
  readonly bytes: number
}

const MAX_RETRY_MS = 60_000
const OLDEST_FIRST = { received_at: 1, _id: 1 } as const

/** The queue and the store of batches: one document a batch, states queued, leased, done and dead. */
export class BatchStore {
  readonly #connection: Connection
  readonly #options: BatchStoreOptions
  #lastTenant = ''

  constructor(connection: Connection, options: BatchStoreOptions) {
    this.#connection = connection
    this.#options = options
  }

  get #batches(): mongo.Collection<BatchDocument> {
    return collectionOf(this.#connection, 'batches')
  }

  async createIndexes(): Promise<void> {
    await this.#batches.createIndexes([
      { key: { state: 1, tenant_id: 1, received_at: 1, _id: 1 }, name: 'queue' },
      { key: { claim_id: 1 }, name: 'claim', sparse: true },
      { key: { tenant_id: 1, received_at: -1, _id: -1 }, name: 'feed' },
      { key: { expire_at: 1 }, name: 'ttl', expireAfterSeconds: 0 },
    ])
  }

  /** Stores a batch once. @returns the number of events of the one stored before, or undefined when it is new */
  async insert(batch: NewBatch): Promise<number | undefined> {
    const { sealed, ...rest } = batch
    const waiting = { state: 'queued', attempts: 0, available_at: batch.received_at } as const
    try {
      await this.#batches.insertOne({ ...rest, ...waiting, body: new mongo.Binary(sealed) })
      return undefined
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      const stored = await this.#batches.findOne({ _id: batch._id }, { projection: { events: 1 } })
      return stored?.events ?? batch.events
    }
  }

  /** Leases the oldest batches of the tenant whose turn it is. One that failed before is leased alone, so that it spoils no other. */
  async claim(options: ClaimOptions): Promise<LeasedBatches | undefined> {
    for (let round = 0; round < 5; round += 1) {
      const tenantId = await this.#nextTenant(options.now)
      if (tenantId === undefined) return undefined
      const ids = await this.#candidates(tenantId, options)
      const claimId = `${tenantId}.${randomBytes(15).toString('base64url')}`
      const leaseUntil = options.now + options.leaseMs
      const taken = await this.#batches.updateMany(
        { _id: { $in: ids }, state: 'queued' },
        {
          $set: { state: 'leased', claim_id: claimId, worker_id: options.workerId, lease_until: new Date(leaseUntil) },
          $inc: { attempts: 1 },
        },
      )
      if (taken.modifiedCount === 0) continue
      const batches = await this.#batches.find({ claim_id: claimId }).sort(OLDEST_FIRST).toArray()
      return { claimId, leaseUntil, batches }
    }
    return undefined
  }

  /** Tenants take turns by id, so that a flood of one delays no other by more than one claim. */
  async #nextTenant(now: number): Promise<string | undefined> {
    const waiting = { state: 'queued' as const, available_at: { $lte: new Date(now) } }
    const options = { sort: { tenant_id: 1 as const }, projection: { tenant_id: 1 as const } }
    const next =
      (await this.#batches.findOne({ ...waiting, tenant_id: { $gt: this.#lastTenant } }, options)) ??
      (await this.#batches.findOne(waiting, options))
    if (next !== null) this.#lastTenant = next.tenant_id
    return next?.tenant_id
  }

  async #candidates(tenantId: string, { maxBatches, maxBytes, now }: ClaimOptions): Promise<string[]> {
    const waiting = await this.#batches
      .find({ state: 'queued', tenant_id: tenantId, available_at: { $lte: new Date(now) } })
      .project<Pick<BatchDocument, '_id' | 'attempts' | 'bytes'>>({ attempts: 1, bytes: 1 })
      .sort(OLDEST_FIRST)
      .limit(maxBatches)
      .toArray()
    const ids: string[] = []
    let bytes = 0
    for (const batch of waiting) {
      bytes += batch.bytes
      if (ids.length > 0 && (batch.attempts > 0 || bytes > maxBytes)) break
      ids.push(batch._id)
      if (batch.attempts > 0) break
    }
    return ids
  }

  /**
   * Marks a claim's batches done, each with the policy set it was decided with.
   * @returns false when the lease was lost; true again for a repeated acknowledgement
   */
  async ack(claimId: string, decided: readonly DecidedBatch[] = []): Promise<boolean> {
    const revision = decided.length === 0 ? {} : { decided_revision: revisionByBatch(decided) }
    const done = await this.#batches.updateMany({ claim_id: claimId, state: 'leased' }, [
      { $set: { state: 'done', expire_at: '$keep_until', ...revision } },
      { $unset: ['lease_until', 'worker_id'] },
    ])
    if (done.matchedCount > 0) return true
    return (await this.#batches.findOne({ claim_id: claimId, state: 'done' }, { projection: { _id: 1 } })) !== null
  }

  async extend(claimId: string, leaseUntil: number): Promise<boolean> {
    const update = { $set: { lease_until: new Date(leaseUntil) } }
    return (await this.#batches.updateMany({ claim_id: claimId, state: 'leased' }, update)).matchedCount > 0
  }

  /** Gives a claim back: with an error as a failed attempt, without one as if it had never been claimed. */
  async release(claimId: string, { now, error }: { now: number; error?: string | undefined }): Promise<boolean> {
    const held = { claim_id: claimId, state: 'leased' as const }
    if (error === undefined) {
      const back = { $set: { state: 'queued' as const }, $unset: LEASE, $inc: { attempts: -1 } }
      return (await this.#batches.updateMany(held, back)).matchedCount > 0
    }
    const batches = await this.#batches.find(held, { projection: { attempts: 1, keep_until: 1 } }).toArray()
    for (const batch of batches) {
      const retryMs = Math.min(this.#options.retryMs * 2 ** (batch.attempts - 1), MAX_RETRY_MS)
      await this.#fail(batch, { claimId, now, error, retryMs })
    }
    return batches.length > 0
  }

  /** Takes back what workers let lapse. @returns how many batches */
  async sweep(now: number): Promise<number> {
    const lapsed = await this.#batches
      .find(
        { state: 'leased', lease_until: { $lte: new Date(now) } },
        { projection: { attempts: 1, keep_until: 1, claim_id: 1, worker_id: 1 } },
      )
      .limit(1_000)
      .toArray()
    for (const batch of lapsed) {
      const error = batch.last_error ?? `the lease of worker ${batch.worker_id ?? 'unknown'} expired`
      await this.#fail(batch, { claimId: batch.claim_id ?? '', now, error, retryMs: 0 })
    }
    return lapsed.length
  }

  async #fail(
    batch: Pick<BatchDocument, '_id' | 'attempts' | 'keep_until'>,
    failure: { readonly claimId: string; readonly now: number; readonly error: string; readonly retryMs: number },
  ): Promise<void> {
    const held = { _id: batch._id, claim_id: failure.claimId, state: 'leased' as const }
    const lastError = failure.error.slice(0, 1_000)
    if (batch.attempts >= this.#options.maxAttempts) {
      const expireAt = new Date(batch.keep_until.getTime() + this.#options.deadLetterMs)
      await this.#batches.updateOne(held, {
        $set: { state: 'dead', last_error: lastError, expire_at: expireAt },
        $unset: LEASE,
      })
      return
    }
    const availableAt = new Date(failure.now + failure.retryMs)
    await this.#batches.updateOne(held, {
      $set: { state: 'queued', last_error: lastError, available_at: availableAt },
      $unset: LEASE,
    })
  }

  /** What waits or is leased, by tenant. */
  async backlog(): Promise<readonly QueuedByTenant[]> {
    const rows = this.#batches.aggregate<{ _id: string; batches: number; bytes: number }>([
      { $match: { state: { $in: ['queued', 'leased'] } } },
      { $group: { _id: '$tenant_id', batches: { $sum: 1 }, bytes: { $sum: '$bytes' } } },
    ])
    return (await rows.toArray()).map(({ _id, batches, bytes }) => ({ tenantId: _id, batches, bytes }))
  }

  async statsByState(tenantId: string | undefined): Promise<readonly StateStats[]> {
    return await this.#batches
      .aggregate<StateStats>([
        { $match: tenantId === undefined ? {} : { tenant_id: tenantId } },
        {
          $group: {
            _id: '$state',
            batches: { $sum: 1 },
            events: { $sum: '$events' },
            oldest: { $min: '$received_at' },
          },
        },
      ])
      .toArray()
  }

  /** Batches of a tenant, newest first, from a position on. */
  async newest(query: FeedQuery): Promise<readonly BatchDocument[]> {
    const receivedAt = { $gte: new Date(query.receivedFrom), $lt: new Date(query.receivedTo) }
    const filter: mongo.Filter<BatchDocument> = {
      tenant_id: query.tenantId,
      received_at: receivedAt,
      ...(query.sourceId === undefined ? {} : { source_id: query.sourceId }),
    }
    if (query.before !== undefined) {
      const at = new Date(query.before.receivedAt)
      filter.$or = [{ received_at: { $lt: at } }, { received_at: at, _id: { $lte: query.before.id } }]
    }
    return await this.#batches.find(filter).sort({ received_at: -1, _id: -1 }).limit(query.limit).toArray()
  }
}

/** The revision of the batch at hand: one for all of them, but where some had been decided in an earlier claim. */
function revisionByBatch(decided: readonly DecidedBatch[]): unknown {
  const name = { $concat: ['$batch_id', ':', '$source_id'] }
  const revisions = [...new Set(decided.map(({ revision }) => revision))]
  return revisions.reduce<unknown>((otherwise, revision) => {
    const batches = decided.filter((batch) => batch.revision === revision).map(batchName)
    return { $cond: [{ $in: [name, batches] }, revision, otherwise] }
  }, '$$REMOVE')
}

function batchName({ batch_id, source_id }: Pick<DecidedBatch, 'batch_id' | 'source_id'>): string {
  return `${batch_id}:${source_id}`
}

export interface StateStats {
  readonly _id: BatchDocument['state']
  readonly batches: number
  readonly events: number
  readonly oldest: Date
}

export interface FeedQuery {
  readonly tenantId: string
  readonly sourceId?: string | undefined
  readonly receivedFrom: number
  readonly receivedTo: number
  /** Starts with this batch and goes on to older ones. */
  readonly before?: { readonly receivedAt: number; readonly id: string } | undefined
  readonly limit: number
}

const LEASE = { claim_id: '' as const, lease_until: '' as const, worker_id: '' as const }
