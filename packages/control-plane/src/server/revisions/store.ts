import mongoose, { type ClientSession, type Connection, Schema } from 'mongoose'
import { inTenant } from '../../database/tenant-scope.js'
import type { Page } from '../shapes.js'
import { cutPage, decodeCursor } from '../store/cursor.js'
import type { PageRequest } from '../store/tenant-store.js'
import { type Watch, type WatchOptions, watchChanges } from '../store/watch-store.js'
import type { RevisionRecord } from './schema.js'

/** A policy set revision without its content. */
export interface Revision {
  readonly tenant_id: string
  readonly revision: number
  readonly created_at: Date
  /** The change that made it. */
  readonly audit_id: string
  readonly enforcement: 'on' | 'monitor'
  readonly policies: number
  /** Policies that challenge or block at this revision. */
  readonly enforcing_policy_ids: readonly string[]
  /** Parts of the lists it looks values up in. */
  readonly list_hashes: readonly string[]
  /** SHA-256 of the content but for its number: the same content makes no new revision. */
  readonly content_sha256: string
}

/** What change streams tell of a new revision. */
export interface NewRevision {
  readonly tenant_id: string
  readonly revision: number
}

export interface RevisionStore {
  latest(tenantId: string, session?: ClientSession): Promise<Revision | undefined>
  /** The policy set as JSON, of one revision or the latest. */
  content(tenantId: string, revision: number | 'latest'): Promise<{ meta: Revision; json: string } | undefined>
  createdSince(at: Date): Promise<readonly NewRevision[]>
  /** Told of each new revision of any tenant. */
  watch(options: Omit<WatchOptions<NewRevision>, 'read'>): Watch
  /** `sources` is what it was compiled from, as JSON: what can be restored. */
  insert(revision: Revision, compiled: Compiled, session: ClientSession): Promise<void>
  /** What a revision was compiled from. */
  sources(tenantId: string, revision: number, session?: ClientSession): Promise<string | undefined>
  page(tenantId: string, request: PageRequest): Promise<Page<RevisionRecord>>
  removeAll(tenantId: string, session: ClientSession): Promise<void>
}

export interface Compiled {
  readonly json: string
  readonly sources: string
}

interface RevisionRow {
  _id: string
  tenant_id: string
  revision: number
  created_at: Date
  audit_id: string
  enforcement: 'on' | 'monitor'
  policies: number
  enforcing_policy_ids: string[]
  /** Absent in revisions made before there were lists. */
  list_hashes?: string[]
  content_sha256: string
  /** JSON text: what was compiled is kept to the byte, and a program is no business of the database. */
  content: string
  /** JSON text. Absent in revisions made before they could be restored. */
  sources?: string
}

export const REVISIONS = 'revisions'

/** Without the texts. */
const META = { content: 0, sources: 0 } as const

export function createRevisionStore(connection: Connection): RevisionStore {
  const model = connection.model<RevisionRow>(REVISIONS, revisionSchema(), REVISIONS)
  const of = (tenantId: string, filter: { revision?: number } = {}) => inTenant({ tenant_id: tenantId }, filter)
  return {
    latest: async (tenantId, session) => {
      const query = model.findOne(of(tenantId), META).sort({ revision: -1 })
      const row = await query.session(session ?? null).lean()
      return row === null ? undefined : toMeta(row)
    },
    content: async (tenantId, revision) => {
      const filter = revision === 'latest' ? of(tenantId) : of(tenantId, { revision })
      const row = await model.findOne(filter, { sources: 0 }).sort({ revision: -1 }).lean()
      return row === null ? undefined : { meta: toMeta(row), json: row.content }
    },
    createdSince: (at) =>
      model
        .find({ created_at: mongoose.trusted({ $gte: at }) }, { _id: 0, tenant_id: 1, revision: 1 })
        .sort({ created_at: 1 })
        .lean<NewRevision[]>(),
    watch: (options) => watchChanges(model, ['insert'], { ...options, read: ({ document }) => toNew(document) }),
    sources: async (tenantId, revision, session) => {
      const query = model.findOne(of(tenantId, { revision }), { sources: 1 })
      return (await query.session(session ?? null).lean())?.sources
    },
    insert: async (revision, { json, sources }, session) => {
      const _id = `${revision.tenant_id}:${revision.revision}`
      const { enforcing_policy_ids, list_hashes } = revision
      const copies = { enforcing_policy_ids: [...enforcing_policy_ids], list_hashes: [...list_hashes] }
      const row = { ...revision, ...copies, _id, content: json, sources }
      await model.insertMany([row], { session })
    },
    page: async (tenantId, { limit, cursor }) => {
      const older = cursor === undefined ? {} : { revision: mongoose.trusted({ $lt: decodeCursor(cursor)[0] }) }
      const rows = await model
        .find(inTenant({ tenant_id: tenantId }, older), META)
        .sort({ revision: -1 })
        .limit(limit + 1)
        .lean()
      return cutPage(rows, { limit, read: toRecord, position: (row) => [row.revision, row._id] })
    },
    removeAll: async (tenantId, session) => void (await model.deleteMany(of(tenantId)).session(session)),
  }
}

function toNew({ tenant_id, revision }: Readonly<Record<string, unknown>>): NewRevision | undefined {
  return typeof tenant_id === 'string' && typeof revision === 'number' ? { tenant_id, revision } : undefined
}

function toMeta({ _id, content: _content, sources: _sources, ...meta }: RowMeta): Revision {
  return { ...meta, list_hashes: meta.list_hashes ?? [] }
}

type RowMeta = Omit<RevisionRow, 'content'> & { content?: string }

function toRecord(row: RowMeta): RevisionRecord {
  const { tenant_id, revision, created_at, audit_id, policies, enforcement } = row
  return { tenant_id, revision, created_at: created_at.toISOString(), audit_id, policies, enforcement }
}

function revisionSchema(): Schema<RevisionRow> {
  const text = { type: String, required: true }
  const number = { type: Number, required: true }
  const schema = new Schema<RevisionRow>(
    {
      _id: text,
      tenant_id: text,
      revision: number,
      created_at: { type: Date, required: true },
      audit_id: text,
      enforcement: text,
      policies: number,
      enforcing_policy_ids: { type: [String], required: true },
      list_hashes: { type: [String], default: [] },
      content_sha256: text,
      content: text,
      sources: { type: String },
    },
    { versionKey: false, id: false },
  )
  schema.index({ tenant_id: 1, revision: -1 }, { unique: true })
  schema.index({ created_at: 1 })
  return schema
}
