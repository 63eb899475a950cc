import { type ClientSession, type Connection, Schema } from 'mongoose'
import { z } from 'zod'
import { inTenant } from '../../database/tenant-scope.js'
import type { ListIds } from '../../expressions/index.js'
import { createTenantStore, type TenantStore } from '../store/tenant-store.js'
import { type ListEntry, type ListRecord, listRecord } from './schema.js'

/** A list as it is kept: entries are read where one list is looked at, not where lists are listed. */
export interface StoredList extends ListRecord {
  readonly entries?: readonly ListEntry[]
}

export interface ListStore extends TenantStore<StoredList> {
  /** A list without its entries. */
  findRecord(tenantId: string, id: string, session?: ClientSession): Promise<ListRecord | undefined>
  entries(tenantId: string, id: string, session?: ClientSession): Promise<readonly ListEntry[]>
  /** What expressions may name. */
  ids(tenantId: string, session?: ClientSession): Promise<ListIds>
}

interface ContentsRow {
  _id: string
  tenant_id: string
  /** JSON of rows `[value, expires_at, note]`: text, since nothing in the database looks into it. */
  entries: string
}

const rows = z.array(z.tuple([z.string(), z.string().nullable(), z.string()]))

/** Lists, and what is in them in a collection beside: 100,000 entries are one document. */
export function createListStore(connection: Connection): ListStore {
  const records = createTenantStore<ListRecord>({
    connection,
    collection: 'lists',
    idField: 'list_id',
    record: listRecord,
    order: 'created_at',
    fields: {
      description: { type: String, default: '' },
      enabled: { type: Boolean, required: true },
      entry_count: { type: Number, required: true },
      sha256: { type: String, required: true },
      bytes: { type: Number, required: true },
    },
  })
  const contents = contentsOf(connection)
  return {
    ...records,
    findRecord: records.find,
    entries: contents.read,
    ids: async (tenantId, session) => {
      const all = await records.all(tenantId, session)
      return new Map(all.map(({ name, list_id }) => [name, list_id]))
    },
    find: async (tenantId, id, session) => {
      const record = await records.find(tenantId, id, session)
      return record === undefined ? undefined : { ...record, entries: await contents.read(tenantId, id, session) }
    },
    insert: async ({ entries = [], ...record }, session) => {
      await records.insert(record, session)
      await contents.write(record, entries, session)
    },
    replace: async ({ entries, ...record }, session) => {
      await records.replace(record, session)
      if (entries !== undefined) await contents.write(record, entries, session)
    },
    remove: async (tenantId, id, session) => {
      await records.remove(tenantId, id, session)
      await contents.remove(tenantId, { _id: id }, session)
    },
    removeAll: async (tenantId, session) => {
      await records.removeAll(tenantId, session)
      await contents.remove(tenantId, {}, session)
    },
  }
}

function contentsOf(connection: Connection) {
  const model = connection.model<ContentsRow>('list_contents', contentsSchema(), 'list_contents')
  return {
    read: async (tenantId: string, id: string, session?: ClientSession): Promise<readonly ListEntry[]> => {
      const query = model.findOne(inTenant({ tenant_id: tenantId }, { _id: id })).session(session ?? null)
      const row = await query.lean()
      if (row === null) return []
      return rows.parse(JSON.parse(row.entries)).map(([value, expires_at, note]) => ({ value, note, expires_at }))
    },
    write: async ({ tenant_id, list_id }: ListRecord, entries: readonly ListEntry[], session: ClientSession) => {
      const text = JSON.stringify(entries.map(({ value, note, expires_at }) => [value, expires_at, note]))
      const filter = inTenant({ tenant_id }, { _id: list_id })
      await model.replaceOne(filter, { _id: list_id, tenant_id, entries: text }, { upsert: true }).session(session)
    },
    remove: async (tenantId: string, filter: { _id?: string }, session: ClientSession) => {
      await model.deleteMany(inTenant({ tenant_id: tenantId }, filter)).session(session)
    },
  }
}

function contentsSchema(): Schema<ContentsRow> {
  const text = { type: String, required: true }
  const schema = new Schema<ContentsRow>(
    { _id: text, tenant_id: text, entries: text },
    { versionKey: false, id: false },
  )
  return schema.index({ tenant_id: 1 })
}
