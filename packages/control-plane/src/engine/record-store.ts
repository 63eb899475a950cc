import type { ClientSession, Connection, mongo } from 'mongoose'
import type { ClaimedBatch } from '../contract/ingestion.js'
import type { Publication } from '../contract/mitigation.js'
import { collectionOf, createCollections } from '../database/collection.js'
import type { BatchRecordDocument, OutboxDocument } from './documents.js'

/** A batch's record outlives its retention and its dead letter. */
const KEEP_RECORD_MS = 30 * 86_400_000
const KEEP_PUBLISHED_MS = 3_600_000

/** The engine's name for a batch: tenant and batch ids hold no colon. */
export function recordId(batch: Pick<ClaimedBatch, 'tenant_id' | 'source_id' | 'batch_id'>): string {
  return `${batch.tenant_id}:${batch.batch_id}:${batch.source_id}`
}

export interface DecidedBatches {
  readonly batches: readonly ClaimedBatch[]
  readonly publications: readonly Publication[]
  /** Policy set they were decided with. */
  readonly revision: number
  readonly now: number
  /** Until when other workers leave the publications alone. */
  readonly leaseUntil: number
}

/** Which batches have been decided, and which publications still have to be delivered. */
export class RecordStore {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get #records(): mongo.Collection<BatchRecordDocument> {
    return collectionOf(this.#connection, 'batch_records')
  }

  get #outbox(): mongo.Collection<OutboxDocument> {
    return collectionOf(this.#connection, 'outbox')
  }

  async createIndexes(): Promise<void> {
    await createCollections(this.#connection, ['batch_records', 'outbox'])
    const ttl = { key: { expire_at: 1 as const }, name: 'ttl', expireAfterSeconds: 0 }
    await this.#records.createIndexes([ttl])
    await this.#outbox.createIndexes([{ key: { state: 1, lease_until: 1 }, name: 'pending' }, ttl])
  }

  /** Records of those batches that have been decided, by record id. */
  async decided(
    batches: readonly ClaimedBatch[],
    session?: ClientSession,
  ): Promise<ReadonlyMap<string, BatchRecordDocument>> {
    const ids = { _id: { $in: batches.map(recordId) } }
    const found = await this.#records.find(ids, session === undefined ? {} : { session }).toArray()
    return new Map(found.map((record) => [record._id, record]))
  }

  /** Records batches and puts their publications into the outbox. A batch that another worker just recorded is a duplicate key. */
  async record(
    { batches, publications, revision, now, leaseUntil }: DecidedBatches,
    session: ClientSession,
  ): Promise<void> {
    const publicationIds = publications.map((publication) => publication.publication_id)
    await this.#records.insertMany(
      batches.map((batch) => ({
        _id: recordId(batch),
        tenant_id: batch.tenant_id,
        publication_ids: publicationIds,
        revision,
        decided_at: new Date(now),
        expire_at: new Date(Math.max(now, batch.keep_until) + KEEP_RECORD_MS),
      })),
      { session },
    )
    await this.#outbox.insertMany(
      publications.map((publication) => ({
        _id: publication.publication_id,
        tenant_id: publication.tenant_id,
        state: 'pending' as const,
        payload: JSON.stringify(publication),
        lease_until: new Date(leaseUntil),
        created_at: new Date(now),
      })),
      { session },
    )
  }

  /** Those of the publications that are still to be delivered. */
  async pending(publicationIds: readonly string[]): Promise<readonly Publication[]> {
    if (publicationIds.length === 0) return []
    const rows = await this.#outbox.find({ _id: { $in: [...publicationIds] }, state: 'pending' }).toArray()
    return rows.map(publicationOf)
  }

  async markPublished(publicationIds: readonly string[], now: number): Promise<void> {
    await this.#outbox.updateMany(
      { _id: { $in: [...publicationIds] } },
      { $set: { state: 'published', expire_at: new Date(now + KEEP_PUBLISHED_MS) } },
    )
  }

  /** Takes over a publication whose worker let its lease lapse. */
  async takeLapsed({ now, leaseMs }: { now: number; leaseMs: number }): Promise<Publication | undefined> {
    const row = await this.#outbox.findOneAndUpdate(
      { state: 'pending', lease_until: { $lte: new Date(now) } },
      { $set: { lease_until: new Date(now + leaseMs) } },
      { sort: { lease_until: 1 } },
    )
    return row === null ? undefined : publicationOf(row)
  }

  async countPending(): Promise<number> {
    return await this.#outbox.countDocuments({ state: 'pending' })
  }
}

/** The outbox holds what this engine wrote itself. */
function publicationOf(row: OutboxDocument): Publication {
  const publication: Publication = JSON.parse(row.payload)
  return publication
}
