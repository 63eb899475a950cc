import type { ClientSession, Connection, mongo } from 'mongoose'
import type { DecidedEvent, DecisionRecord } from '../contract/mitigation.js'
import { collectionOf } from '../database/collection.js'
import type { DecisionDocument, PublicationDocument, RollupDocument } from './documents.js'
import type { RollupChange } from './rollups.js'

export interface Retention {
  readonly publicationMs: number
  readonly decisionMs: number
  readonly minuteRollupMs: number
  readonly hourRollupMs: number
}

export interface DecisionQuery {
  readonly tenantId: string
  readonly policyId?: string | undefined
  readonly from: number
  readonly to: number
  /** Goes on after this decision. */
  readonly after?: { readonly observedAt: number; readonly id: string } | undefined
  readonly limit: number
}

/** Publications that were applied, the decisions they brought, and what they add up to. */
export class PublicationStore {
  readonly #connection: Connection
  readonly #retention: Retention

  constructor(connection: Connection, retention: Retention) {
    this.#connection = connection
    this.#retention = retention
  }

  get #publications(): mongo.Collection<PublicationDocument> {
    return collectionOf(this.#connection, 'publications')
  }

  get #decisions(): mongo.Collection<DecisionDocument> {
    return collectionOf(this.#connection, 'decisions')
  }

  get #rollups(): mongo.Collection<RollupDocument> {
    return collectionOf(this.#connection, 'rollups')
  }

  async createIndexes(): Promise<void> {
    const ttl = { key: { expire_at: 1 as const }, name: 'ttl', expireAfterSeconds: 0 }
    await this.#publications.createIndexes([ttl])
    await this.#decisions.createIndexes([
      { key: { tenant_id: 1, policy_id: 1, observed_at: -1, _id: -1 }, name: 'policy' },
      { key: { tenant_id: 1, observed_at: -1, _id: -1 }, name: 'tenant' },
      ttl,
    ])
    await this.#rollups.createIndexes([{ key: { tenant_id: 1, grain: 1, at: 1 }, name: 'span' }, ttl])
  }

  async isApplied(publicationId: string): Promise<boolean> {
    return (await this.#publications.findOne({ _id: publicationId }, { projection: { _id: 1 } })) !== null
  }

  async insertPublication(
    publication: { readonly publicationId: string; readonly tenantId: string; readonly now: number },
    session: ClientSession,
  ): Promise<void> {
    const { publicationId, tenantId, now } = publication
    const document = {
      _id: publicationId,
      tenant_id: tenantId,
      applied_at: new Date(now),
      expire_at: new Date(now + this.#retention.publicationMs),
    }
    await this.#publications.insertOne(document, { session })
  }

  /** Stores those decisions that are new; an event that was sent in two batches is decided once. @returns the new ones */
  async insertDecisions(
    decisions: readonly DecisionRecord[],
    session: ClientSession,
  ): Promise<readonly DecisionRecord[]> {
    if (decisions.length === 0) return []
    const unique = new Map(decisions.map((decision) => [decision.decision_id, decision]))
    const ids = { _id: { $in: [...unique.keys()] } }
    for (const { _id } of await this.#decisions.find(ids, { session, projection: { _id: 1 } }).toArray()) {
      unique.delete(_id)
    }
    const fresh = [...unique.values()]
    if (fresh.length > 0) {
      await this.#decisions.insertMany(
        fresh.map((decision) => this.#toDocument(decision)),
        { session },
      )
    }
    return fresh
  }

  #toDocument(decision: DecisionRecord): DecisionDocument {
    const { decision_id, ...rest } = decision
    return { _id: decision_id, ...rest, expire_at: new Date(decision.decided_at + this.#retention.decisionMs) }
  }

  async addRollups(changes: readonly RollupChange[], session: ClientSession): Promise<void> {
    const writes = changes.filter(({ inc, max }) => Object.keys(inc).length + Object.keys(max).length > 0)
    if (writes.length === 0) return
    await this.#rollups.bulkWrite(
      writes.map((change) => ({
        updateOne: { filter: { _id: change.id }, update: this.#rollupUpdate(change), upsert: true },
      })),
      { session, ordered: true },
    )
  }

  #rollupUpdate(change: RollupChange): mongo.UpdateFilter<RollupDocument> {
    const { tenantId, grain, at, policyId, inc, max } = change
    const keepMs = { minute: this.#retention.minuteRollupMs, hour: this.#retention.hourRollupMs, day: undefined }[grain]
    const update: mongo.UpdateFilter<RollupDocument> = {
      $setOnInsert: {
        tenant_id: tenantId,
        grain,
        at,
        policy_id: policyId,
        ...(keepMs === undefined ? {} : { expire_at: new Date(at + keepMs) }),
      },
    }
    if (Object.keys(inc).length > 0) update.$inc = inc
    if (Object.keys(max).length > 0) update.$max = max
    return update
  }

  async rollups(query: {
    readonly tenantId: string
    readonly policyId?: string | undefined
    readonly spans: readonly { readonly grain: RollupDocument['grain']; readonly from: number; readonly to: number }[]
  }): Promise<readonly RollupDocument[]> {
    if (query.spans.length === 0) return []
    const spans = query.spans.map(({ grain, from, to }) => ({
      tenant_id: query.tenantId,
      grain,
      at: { $gte: from, $lt: to },
      ...(query.policyId === undefined ? {} : { policy_id: query.policyId }),
    }))
    return await this.#rollups.find({ $or: spans }).toArray()
  }

  /** Decisions by event time, newest first. */
  async decisions(query: DecisionQuery): Promise<readonly DecisionRecord[]> {
    const { tenantId, policyId, after } = query
    const filter: mongo.Filter<DecisionDocument> = {
      tenant_id: tenantId,
      ...(policyId === undefined ? {} : { policy_id: policyId }),
      observed_at: { $gte: query.from, $lt: query.to },
    }
    if (after !== undefined) {
      filter.$or = [
        { observed_at: { $lt: after.observedAt } },
        { observed_at: after.observedAt, _id: { $lt: after.id } },
      ]
    }
    const rows = await this.#decisions.find(filter).sort({ observed_at: -1, _id: -1 }).limit(query.limit).toArray()
    return rows.map(toDecision)
  }

  /** Every decision on these events, found by their times. */
  async decisionsOf(tenantId: string, events: readonly DecidedEvent[]): Promise<readonly DecisionRecord[]> {
    const wanted = new Set(events.map(eventName))
    const filter: mongo.Filter<DecisionDocument> = {
      tenant_id: tenantId,
      observed_at: { $in: [...new Set(events.map((event) => event.observed_at))] },
      event_id: { $in: events.map((event) => event.event_id) },
    }
    const rows = await this.#decisions.find(filter).sort({ observed_at: -1, _id: -1 }).toArray()
    return rows.filter((row) => wanted.has(eventName(row))).map(toDecision)
  }
}

function toDecision({ _id, expire_at: _ttl, ...rest }: DecisionDocument): DecisionRecord {
  return { decision_id: _id, ...rest }
}

function eventName({ source_id, event_id, observed_at }: DecidedEvent): string {
  return JSON.stringify([source_id, event_id, observed_at])
}
