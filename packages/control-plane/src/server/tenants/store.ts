import mongoose, { type ClientSession, type Connection, Schema } from 'mongoose'
import type { Page } from '../shapes.js'
import { cutPage, decodeCursor } from '../store/cursor.js'
import type { PageRequest } from '../store/tenant-store.js'
import { type TenantRecord, tenantRecord } from './schema.js'

/** The tenants themselves. Which of them somebody may see is for the memberships to say. */
export interface TenantStoreOfTenants {
  find(tenantId: string, session?: ClientSession): Promise<TenantRecord | undefined>
  findBySlug(slug: string, session?: ClientSession): Promise<TenantRecord | undefined>
  findAll(tenantIds: readonly string[]): Promise<readonly TenantRecord[]>
  /** A page of the tenants named. */
  page(tenantIds: readonly string[], request: PageRequest): Promise<Page<TenantRecord>>
  insert(tenant: TenantRecord, session: ClientSession): Promise<void>
  replace(tenant: TenantRecord, session: ClientSession): Promise<void>
  remove(tenantId: string, session: ClientSession): Promise<void>
}

type TenantRow = Omit<TenantRecord, 'created_at' | 'updated_at'> & { _id: string; created_at: Date; updated_at: Date }

export const TENANTS = 'tenants'

export function createTenantsStore(connection: Connection): TenantStoreOfTenants {
  const model = connection.model<TenantRow>(TENANTS, tenantSchema(), TENANTS)
  const find = async (filter: { _id: string } | { slug: string }, session: ClientSession | undefined) => {
    const row = await model
      .findOne(filter)
      .session(session ?? null)
      .lean()
    return row === null ? undefined : toRecord(row)
  }
  return {
    find: (tenantId, session) => find({ _id: tenantId }, session),
    findBySlug: (slug, session) => find({ slug }, session),
    findAll: async (tenantIds) => {
      const rows = await model
        .find({ _id: mongoose.trusted({ $in: tenantIds }) })
        .sort({ created_at: 1, _id: 1 })
        .lean()
      return rows.map(toRecord)
    },
    page: async (tenantIds, { limit, cursor }) => {
      const filter = {
        $and: [{ _id: mongoose.trusted({ $in: tenantIds }) }, ...(cursor === undefined ? [] : [after(cursor)])],
      }
      const rows = await model
        .find(filter)
        .sort({ created_at: 1, _id: 1 })
        .limit(limit + 1)
        .lean()
      return cutPage(rows, { limit, read: toRecord, position: (row) => [row.created_at.getTime(), row._id] })
    },
    insert: async (tenant, session) => void (await model.insertMany([toRow(tenant)], { session })),
    replace: async (tenant, session) => {
      await model.replaceOne({ _id: tenant.tenant_id }, toRow(tenant)).session(session)
    },
    remove: async (tenantId, session) => void (await model.deleteOne({ _id: tenantId }).session(session)),
  }
}

function after(cursor: string): object {
  const [ms, id] = decodeCursor(cursor)
  const at = new Date(ms)
  return {
    $or: [{ created_at: mongoose.trusted({ $gt: at }) }, { created_at: at, _id: mongoose.trusted({ $gt: id }) }],
  }
}

function toRow(tenant: TenantRecord): TenantRow {
  const { created_at, updated_at } = tenant
  return { ...tenant, _id: tenant.tenant_id, created_at: new Date(created_at), updated_at: new Date(updated_at) }
}

function toRecord(row: TenantRow): TenantRecord {
  const { created_at, updated_at } = row
  return tenantRecord.parse({
    ...row,
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
  })
}

function tenantSchema(): Schema<TenantRow> {
  const text = { type: String, required: true }
  const schema = new Schema<TenantRow>(
    {
      _id: text,
      tenant_id: text,
      name: text,
      slug: text,
      enforcement: text,
      watch_fields: { type: [String], required: true },
      clear_cookies: { type: [String], required: true },
      retention_days: { type: Number, required: true },
      created_at: { type: Date, required: true },
      updated_at: { type: Date, required: true },
    },
    { versionKey: false, id: false },
  )
  return schema.index({ slug: 1 }, { unique: true })
}
