import { randomBytes } from 'node:crypto'
import type { CountingScope } from '@esper/core'
import type { ClientSession, Connection, mongo } from 'mongoose'
import type { MitigationUpsert, StoredMitigation } from '../contract/mitigation.js'
import { collectionOf, createCollections } from '../database/collection.js'
import type { EndingDocument, MitigationDocument, MitigationKey, SequenceDocument } from './documents.js'

/** How long a mitigation stays readable after its time: late events ask what was live when they happened. */
const KEEP_MS = 7 * 86_400_000

export type UpsertResult = 'created' | 'extended' | 'kept' | 'expired' | 'ended' | 'released'

/** Active mitigations of all tenants, with one strictly rising sequence a tenant. */
export class MitigationStore {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get mitigations(): mongo.Collection<MitigationDocument> {
    return collectionOf(this.#connection, 'mitigations')
  }

  get #sequences(): mongo.Collection<SequenceDocument> {
    return collectionOf(this.#connection, 'sequences')
  }

  get #endings(): mongo.Collection<EndingDocument> {
    return collectionOf(this.#connection, 'endings')
  }

  async createIndexes(): Promise<void> {
    await createCollections(this.#connection, ['sequences', 'endings'])
    await this.mitigations.createIndexes([
      { key: { tenant_id: 1, counting_scope: 1, entity_key: 1, policy_id: 1 }, name: 'entity' },
      { key: { tenant_id: 1, counting_scope: 1, sequence: 1 }, name: 'deltas' },
      { key: { tenant_id: 1, policy_id: 1, sequence: -1 }, name: 'policy' },
      { key: { expire_at: 1 }, name: 'ttl', expireAfterSeconds: 0 },
    ])
  }

  /**
   * Takes the next `count` sequences of a tenant. Within a transaction this also orders it against every other change of
   * the tenant's mitigations: a later sequence is never visible before an earlier one.
   * @returns the first of them
   */
  async takeSequences(tenantId: string, count: number, session: ClientSession): Promise<number> {
    const after = await this.#sequences.findOneAndUpdate(
      { _id: tenantId },
      { $inc: { value: count } },
      { upsert: true, returnDocument: 'after', session },
    )
    return (after?.value ?? count) - count + 1
  }

  async lastSequence(tenantId: string): Promise<number> {
    return (await this.#sequences.findOne({ _id: tenantId }))?.value ?? 0
  }

  /** Policies that ended, with the revision at which they did. */
  async endings(
    tenantId: string,
    policyIds: readonly string[],
    session: ClientSession,
  ): Promise<ReadonlyMap<string, number>> {
    const ids = policyIds.map((policyId) => `${tenantId}:${policyId}`)
    const found = await this.#endings.find({ _id: { $in: ids } }, { session }).toArray()
    return new Map(found.map(({ _id, revision }) => [_id.slice(tenantId.length + 1), revision]))
  }

  async setEnding(
    tenantId: string,
    { policyId, revision }: { policyId: string; revision: number },
    session: ClientSession,
  ): Promise<void> {
    await this.#endings.updateOne(
      { _id: `${tenantId}:${policyId}` },
      { $max: { revision }, $setOnInsert: { tenant_id: tenantId } },
      { upsert: true, session },
    )
  }

  /** Creates or extends one mitigation, to be called with sequences taken in the same transaction. */
  async upsert(
    upsert: MitigationUpsert,
    context: { tenantId: string; sequence: number; now: number; session: ClientSession },
  ): Promise<UpsertResult> {
    if (upsert.expires_at <= context.now) return 'expired'
    const key = keyOf(context.tenantId, upsert)
    const rows = await this.mitigations.find(key, { session: context.session }).toArray()
    if (rows.some((row) => row.not_before !== undefined && row.not_before > upsert.since)) return 'released'
    const live = rows.find((row) => row.ended_at === undefined && row.expires_at > upsert.since)
    if (live === undefined) {
      await this.mitigations.insertOne(newDocument(upsert, context), { session: context.session })
      return 'created'
    }
    const halfMs = (upsert.expires_at - upsert.since) / 2
    if (upsert.expires_at <= live.expires_at || live.expires_at - upsert.since > halfMs) return 'kept'
    const next = { ...live, expires_at: upsert.expires_at, mitigation_id: upsert.mitigation_id }
    await this.replace({ ...next, sequence: context.sequence, expire_at: keepUntil(next) }, context.session)
    return 'extended'
  }

  async replace(document: MitigationDocument, session: ClientSession): Promise<void> {
    const { _id, ...rest } = document
    await this.mitigations.replaceOne({ _id }, rest, { session })
  }

  async liveOf(
    tenantId: string,
    { policyIds, now, limit }: { policyIds: readonly string[]; now: number; limit: number },
    session: ClientSession,
  ): Promise<readonly MitigationDocument[]> {
    const live = { ended_at: { $exists: false }, expires_at: { $gt: now } }
    return await this.mitigations
      .find({ tenant_id: tenantId, policy_id: { $in: [...policyIds] }, ...live }, { session })
      .limit(limit)
      .toArray()
  }

  async findLive(
    tenantId: string,
    activeMitigationId: string,
    { now, session }: { now: number; session?: ClientSession },
  ): Promise<MitigationDocument | undefined> {
    const live = { ended_at: { $exists: false }, expires_at: { $gt: now } }
    const filter = { _id: activeMitigationId, tenant_id: tenantId, ...live }
    const found = await this.mitigations.findOne(filter, session === undefined ? {} : { session })
    return found ?? undefined
  }

  /** Rows of these entities that were live in the span, or released. */
  async ofEntities(query: {
    readonly tenantId: string
    readonly scope: CountingScope
    readonly entityKeys: readonly string[]
    readonly policyIds: readonly string[]
    readonly from: number
    readonly to: number
  }): Promise<readonly StoredMitigation[]> {
    const rows = await this.mitigations
      .find({
        tenant_id: query.tenantId,
        counting_scope: query.scope,
        entity_key: { $in: [...query.entityKeys] },
        policy_id: { $in: [...query.policyIds] },
        $or: [{ since: { $lte: query.to }, expires_at: { $gt: query.from } }, { not_before: { $exists: true } }],
      })
      .toArray()
    return rows.map(toStored)
  }

  /** Rows after a cursor, ended ones included, in the order of their sequence; what has expired is left out. */
  async after(query: {
    readonly tenantId: string
    readonly scope: CountingScope
    readonly since: number
    readonly liveOnly: boolean
    readonly now: number
    readonly limit: number
  }): Promise<readonly StoredMitigation[]> {
    const rows = await this.mitigations
      .find({
        tenant_id: query.tenantId,
        counting_scope: query.scope,
        sequence: { $gt: query.since },
        expires_at: { $gt: query.now },
        ...(query.liveOnly ? { ended_at: { $exists: false } } : {}),
      })
      .sort({ sequence: 1 })
      .limit(query.limit)
      .toArray()
    return rows.map(toStored)
  }

  /** Live ones for people, newest change first. */
  async live(query: {
    readonly tenantId: string
    readonly policyId?: string | undefined
    readonly beforeSequence?: number | undefined
    readonly now: number
    readonly limit: number
  }): Promise<readonly StoredMitigation[]> {
    const rows = await this.mitigations
      .find({
        tenant_id: query.tenantId,
        ...(query.policyId === undefined ? {} : { policy_id: query.policyId }),
        ...(query.beforeSequence === undefined ? {} : { sequence: { $lt: query.beforeSequence } }),
        ended_at: { $exists: false },
        expires_at: { $gt: query.now },
      })
      .sort({ sequence: -1 })
      .limit(query.limit)
      .toArray()
    return rows.map(toStored)
  }
}

function keyOf(tenantId: string, upsert: MitigationUpsert): MitigationKey {
  const { policy_id, counting_scope, entity_key } = upsert
  return { tenant_id: tenantId, policy_id, counting_scope, entity_key }
}

function newDocument(
  upsert: MitigationUpsert,
  { tenantId, sequence }: { tenantId: string; sequence: number },
): MitigationDocument {
  return {
    _id: `am_${randomBytes(15).toString('base64url')}`,
    ...keyOf(tenantId, upsert),
    mitigation_id: upsert.mitigation_id,
    ...(upsert.entity === undefined ? {} : { entity: upsert.entity }),
    ...(upsert.entity_values === undefined ? {} : { entity_values: upsert.entity_values }),
    since: upsert.since,
    expires_at: upsert.expires_at,
    sequence,
    expire_at: keepUntil(upsert),
  }
}

function keepUntil({ expires_at }: { readonly expires_at: number }): Date {
  return new Date(expires_at + KEEP_MS)
}

export function toStored(document: MitigationDocument): StoredMitigation {
  const { _id, expire_at: _ttl, ...rest } = document
  return { active_mitigation_id: _id, ...rest }
}

export interface MitigationChange {
  readonly mitigation: StoredMitigation
  /** Where a reader goes on after this change. */
  readonly token: string
}

export interface MitigationChanges {
  /** The next change, or undefined once closed. */
  next(): Promise<MitigationChange | undefined>
  close(): Promise<void>
}

/** Every change of any tenant's mitigations from now on, or after `token`, in the order of commit. Resolves once it listens. */
export async function watchMitigations(store: MitigationStore, token: string | undefined): Promise<MitigationChanges> {
  const pipeline = [{ $match: { operationType: { $in: ['insert', 'replace'] } } }]
  const resume = token === undefined ? {} : { resumeAfter: { _data: token } }
  const stream = store.mitigations.watch<MitigationDocument, mongo.ChangeStreamDocument<MitigationDocument>>(
    pipeline,
    resume,
  )
  // A change stream opens with the first read; one that does not wait tells that it listens.
  let first: mongo.ChangeStreamDocument<MitigationDocument> | null
  try {
    first = await stream.tryNext()
  } catch (error) {
    await stream.close().catch(() => undefined)
    throw error
  }
  return {
    async next() {
      while (!stream.closed) {
        const change = first ?? (await stream.next())
        first = null
        if (change.operationType !== 'insert' && change.operationType !== 'replace') continue
        return { mitigation: toStored(change.fullDocument), token: tokenOf(change._id) }
      }
      return undefined
    },
    close: () => stream.close(),
  }
}

function tokenOf(id: unknown): string {
  return typeof id === 'object' && id !== null && '_data' in id && typeof id._data === 'string' ? id._data : ''
}
