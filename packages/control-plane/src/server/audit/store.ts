import mongoose, { type ClientSession, type Connection, Schema } from 'mongoose'
import { inTenant } from '../../database/tenant-scope.js'
import type { Page } from '../shapes.js'
import { cutPage, decodeCursor } from '../store/cursor.js'
import type { PageRequest } from '../store/tenant-store.js'
import { CHAIN_START, type ChainedEntry, hashEntry } from './chain.js'
import { maskForAudit } from './mask.js'
import { type AuditActor, type AuditRecord, auditRecord } from './schema.js'

/** An entry before it has its place in the chain. */
export interface AuditDraft {
  readonly audit_id: string
  readonly at: Date
  readonly actor: AuditActor
  readonly action: string
  readonly resource_type: string
  readonly resource_id: string
  readonly ip: string | null
  readonly before: object | null
  readonly after: object | null
}

/** Where a tenant's chain ends. */
export interface ChainHead {
  readonly sequence: number
  readonly hash: string
}

export interface AuditStore {
  /** Takes the tenant's chain for this transaction: a second writer conflicts, and is run again after the first. */
  lock(tenantId: string, session: ClientSession): Promise<ChainHead>
  /** Appends in order behind `head`. There is no way to change or remove an entry. */
  append(entries: AppendRequest): Promise<void>
  page(tenantId: string, request: PageRequest): Promise<Page<AuditRecord>>
  find(tenantId: string, auditId: string): Promise<AuditRecord | undefined>
  /** The whole chain in order, as its hashes were made. */
  chain(tenantId: string): Promise<readonly ChainedEntry[]>
}

export interface AppendRequest {
  readonly tenantId: string
  readonly head: ChainHead
  readonly drafts: readonly AuditDraft[]
  readonly session: ClientSession
}

interface HeadRow {
  _id: string
  sequence: number
  hash: string
  locks: number
}

interface EntryRow {
  _id: string
  audit_id: string
  tenant_id: string
  sequence: number
  /** ISO 8601, as the hash covers it. */
  at: string
  actor: AuditActor
  action: string
  resource_type: string
  resource_id: string
  ip: string | null
  before: unknown
  after: unknown
  previous_hash: string
  hash: string
}

export function createAuditStore(connection: Connection): AuditStore {
  const heads = connection.model<HeadRow>('audit_heads', headSchema(), 'audit_heads')
  const entries = connection.model<EntryRow>('audit', entrySchema(), 'audit')
  return {
    lock: async (tenantId, session) => {
      const head = await heads
        .findOneAndUpdate(
          { _id: tenantId },
          { $inc: { locks: 1 }, $setOnInsert: { sequence: 0, hash: CHAIN_START } },
          { upsert: true, returnDocument: 'after', session },
        )
        .lean()
      return { sequence: head.sequence, hash: head.hash }
    },
    append: async ({ tenantId, head, drafts, session }) => {
      const rows = link(tenantId, head, drafts)
      const last = rows.at(-1)
      if (last === undefined) return
      await entries.insertMany(rows, { session })
      await heads.updateOne({ _id: tenantId }, { $set: { sequence: last.sequence, hash: last.hash } }, { session })
    },
    page: async (tenantId, { limit, cursor }) => {
      const filter = cursor === undefined ? {} : { sequence: mongoose.trusted({ $lt: decodeCursor(cursor)[0] }) }
      const rows = await entries
        .find(inTenant({ tenant_id: tenantId }, filter))
        .sort({ sequence: -1 })
        .limit(limit + 1)
        .lean()
      return cutPage(rows, {
        limit,
        read: (row) => auditRecord.parse(row),
        position: (row) => [row.sequence, row.audit_id],
      })
    },
    find: async (tenantId, auditId) => {
      const row = await entries.findOne(inTenant({ tenant_id: tenantId }, { _id: auditId })).lean()
      return row === null ? undefined : auditRecord.parse(row)
    },
    chain: async (tenantId) => {
      const rows = await entries
        .find(inTenant({ tenant_id: tenantId }, {}))
        .sort({ sequence: 1 })
        .lean()
      return rows.map(({ _id, ...entry }) => entry)
    },
  }
}

function link(tenantId: string, head: ChainHead, drafts: readonly AuditDraft[]): EntryRow[] {
  let { sequence, hash: previous } = head
  return drafts.map((draft) => {
    sequence += 1
    const entry = {
      ...draft,
      tenant_id: tenantId,
      sequence,
      at: draft.at.toISOString(),
      actor: { ...draft.actor },
      before: maskForAudit(draft.before),
      after: maskForAudit(draft.after),
      previous_hash: previous,
    }
    const hash = hashEntry(entry)
    previous = hash
    return { ...entry, _id: draft.audit_id, hash }
  })
}

function headSchema(): Schema<HeadRow> {
  return new Schema<HeadRow>(
    { _id: { type: String, required: true }, sequence: Number, hash: String, locks: Number },
    { versionKey: false },
  )
}

function entrySchema(): Schema<EntryRow> {
  const text = { type: String, required: true }
  const anything = { type: Schema.Types.Mixed, default: null }
  const schema = new Schema<EntryRow>(
    {
      _id: text,
      audit_id: text,
      tenant_id: text,
      sequence: { type: Number, required: true },
      at: text,
      actor: { type: Schema.Types.Mixed, required: true },
      action: text,
      resource_type: text,
      resource_id: text,
      ip: { type: String, default: null },
      before: anything,
      after: anything,
      previous_hash: text,
      hash: text,
    },
    { versionKey: false, minimize: false },
  )
  schema.index({ tenant_id: 1, sequence: 1 }, { unique: true })
  return schema
}
