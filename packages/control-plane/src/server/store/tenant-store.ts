import mongoose, { type ClientSession, type Connection, type Model, Schema, type SchemaDefinition } from 'mongoose'
import type { ZodType } from 'zod'
import { inTenant } from '../../database/tenant-scope.js'
import type { Page } from '../shapes.js'
import { cutPage, decodeCursor } from './cursor.js'

/** What every resource of a tenant has; the store reads and writes it as the API shows it. */
export interface TenantRecordBase {
  readonly tenant_id: string
  readonly name: string
  readonly created_at: string
  readonly updated_at: string
}

export interface TenantStoreOptions<T extends TenantRecordBase> {
  readonly connection: Connection
  readonly collection: string
  readonly idField: string
  /** Checks what comes out of the database. */
  readonly record: ZodType<T>
  readonly fields: SchemaDefinition
  /** What lists are ordered by, ties by id. */
  readonly order: 'created_at' | 'priority'
}

export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** One kind of resource. Every read and write names its tenant; an id of another tenant is simply not there. */
export interface TenantStore<T extends TenantRecordBase> {
  page(tenantId: string, request: PageRequest): Promise<Page<T>>
  all(tenantId: string, session?: ClientSession): Promise<readonly T[]>
  find(tenantId: string, id: string, session?: ClientSession): Promise<T | undefined>
  findByName(tenantId: string, name: string, session?: ClientSession): Promise<T | undefined>
  insert(record: T, session: ClientSession): Promise<void>
  replace(record: T, session: ClientSession): Promise<void>
  remove(tenantId: string, id: string, session: ClientSession): Promise<void>
  removeAll(tenantId: string, session: ClientSession): Promise<void>
  count(tenantId: string): Promise<number>
}

export function createTenantStore<T extends TenantRecordBase>(options: TenantStoreOptions<T>): TenantStore<T> {
  return tenantStoreOf(options, compileTenantModel(options))
}

/** For a store that does something more with its model than the others. */
export function tenantStoreOf<T extends TenantRecordBase>(
  options: TenantStoreOptions<T>,
  model: Model<TenantRow>,
): TenantStore<T> {
  const { idField, record, order } = options
  const read = (row: unknown): T => record.parse(fromRow(row))
  const one = async (
    filter: { tenant_id: string; _id?: string; name?: string },
    session: ClientSession | undefined,
  ) => {
    const row = await model
      .findOne(filter)
      .session(session ?? null)
      .lean()
    return row === null ? undefined : read(row)
  }
  return {
    page: (tenantId, request) => readPage({ model, idField, order, read }, tenantId, request),
    all: async (tenantId, session) => {
      const rows = await model
        .find(inTenant({ tenant_id: tenantId }, {}))
        .session(session ?? null)
        .sort({ _id: 1 })
        .lean()
      return rows.map(read)
    },
    find: (tenantId, id, session) => one(inTenant({ tenant_id: tenantId }, { _id: id }), session),
    findByName: (tenantId, name, session) => one(inTenant({ tenant_id: tenantId }, { name }), session),
    insert: async (item, session) => {
      await model.insertMany([toRow(item, idField)], { session })
    },
    replace: async (item, session) => {
      const row = toRow(item, idField)
      await model.replaceOne(inTenant({ tenant_id: item.tenant_id }, { _id: row._id }), row).session(session)
    },
    remove: async (tenantId, id, session) => {
      await model.deleteOne(inTenant({ tenant_id: tenantId }, { _id: id })).session(session)
    },
    removeAll: async (tenantId, session) => {
      await model.deleteMany(inTenant({ tenant_id: tenantId }, {})).session(session)
    },
    count: (tenantId) => model.countDocuments(inTenant({ tenant_id: tenantId }, {})),
  }
}

/** What the database holds of any resource; the rest differs from kind to kind. */
export interface TenantRow {
  _id: string
  tenant_id: string
  name: string
  priority?: number
  created_at: Date
  updated_at: Date
}

export function compileTenantModel<T extends TenantRecordBase>(options: TenantStoreOptions<T>): Model<TenantRow> {
  const schema = new Schema<TenantRow>(
    {
      _id: { type: String, required: true },
      tenant_id: { type: String, required: true },
      name: { type: String, required: true },
      created_at: { type: Date, required: true },
      updated_at: { type: Date, required: true },
    },
    { versionKey: false, minimize: false, id: false },
  )
  schema.add({ [options.idField]: { type: String, required: true }, ...options.fields })
  schema.index({ tenant_id: 1, name: 1 }, { unique: true })
  schema.index({ tenant_id: 1, [options.order]: 1, _id: 1 })
  return options.connection.model<TenantRow>(options.collection, schema, options.collection)
}

interface PageReader<T> {
  readonly model: Model<TenantRow>
  readonly idField: string
  readonly order: 'created_at' | 'priority'
  readonly read: (row: unknown) => T
}

async function readPage<T>(
  { model, order, read }: PageReader<T>,
  tenantId: string,
  { limit, cursor }: PageRequest,
): Promise<Page<T>> {
  const filter = cursor === undefined ? {} : after(order, cursor)
  const rows = await model
    .find(inTenant({ tenant_id: tenantId }, filter))
    .sort({ [order]: 1, _id: 1 })
    .limit(limit + 1)
    .lean()
  return cutPage(rows, {
    limit,
    read,
    position: (row) => [order === 'priority' ? (row.priority ?? 0) : row.created_at.getTime(), row._id],
  })
}

function after(order: 'created_at' | 'priority', cursor: string): Record<string, unknown> {
  const [value, id] = decodeCursor(cursor)
  const at = order === 'priority' ? value : new Date(value)
  return {
    $or: [{ [order]: mongoose.trusted({ $gt: at }) }, { [order]: at, _id: mongoose.trusted({ $gt: id }) }],
  }
}

function toRow<T extends TenantRecordBase>(item: T, idField: string): TenantRow {
  const id: unknown = Object.entries(item).find(([name]) => name === idField)?.[1]
  if (typeof id !== 'string') throw new Error(`a record without ${idField}`)
  return { ...item, _id: id, created_at: new Date(item.created_at), updated_at: new Date(item.updated_at) }
}

/** A document as the API shows it: without `_id`, times as text. */
export function fromRow(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row
  const entries = Object.entries(row)
    .filter(([name]) => name !== '_id')
    .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value])
  return Object.fromEntries(entries)
}
