import mongoose, { type ClientSession, type Connection, Schema } from 'mongoose'
import { inTenant } from '../../database/tenant-scope.js'
import type { Page } from '../shapes.js'
import { cutPage, decodeCursor } from '../store/cursor.js'
import type { PageRequest } from '../store/tenant-store.js'
import type { Role } from './schema.js'

export interface Membership {
  readonly tenant_id: string
  readonly user_id: string
  readonly role: Role
  readonly created_at: Date
  readonly updated_at: Date
}

export interface MembershipStore {
  find(tenantId: string, userId: string, session?: ClientSession): Promise<Membership | undefined>
  ofUser(userId: string): Promise<readonly Membership[]>
  countOwners(tenantId: string, session: ClientSession): Promise<number>
  page(tenantId: string, request: PageRequest): Promise<Page<Membership>>
  put(membership: Membership, session: ClientSession): Promise<void>
  remove(tenantId: string, userId: string, session: ClientSession): Promise<void>
  removeAll(tenantId: string, session: ClientSession): Promise<void>
}

interface MembershipRow {
  _id: string
  tenant_id: string
  user_id: string
  role: Role
  created_at: Date
  updated_at: Date
}

export function createMembershipStore(connection: Connection): MembershipStore {
  const model = connection.model<MembershipRow>('memberships', membershipSchema(), 'memberships')
  const of = (tenantId: string, filter: { user_id?: string; role?: Role } = {}) =>
    inTenant({ tenant_id: tenantId }, filter)
  return {
    find: async (tenantId, userId, session) => {
      const row = await model
        .findOne(of(tenantId, { user_id: userId }))
        .session(session ?? null)
        .lean()
      return row === null ? undefined : toMembership(row)
    },
    ofUser: async (userId) => (await model.find({ user_id: userId }).sort({ created_at: 1 }).lean()).map(toMembership),
    countOwners: (tenantId, session) => model.countDocuments(of(tenantId, { role: 'Owner' })).session(session),
    page: async (tenantId, { limit, cursor }) => {
      const filter = cursor === undefined ? {} : after(cursor)
      const rows = await model
        .find(inTenant({ tenant_id: tenantId }, filter))
        .sort({ created_at: 1, _id: 1 })
        .limit(limit + 1)
        .lean()
      return cutPage(rows, { limit, read: toMembership, position: (row) => [row.created_at.getTime(), row._id] })
    },
    put: async (membership, session) => {
      const row = { ...membership, _id: `${membership.tenant_id}:${membership.user_id}` }
      await model.replaceOne(of(membership.tenant_id, { user_id: membership.user_id }), row, { upsert: true, session })
    },
    remove: async (tenantId, userId, session) => {
      await model.deleteOne(of(tenantId, { user_id: userId })).session(session)
    },
    removeAll: async (tenantId, session) => void (await model.deleteMany(of(tenantId)).session(session)),
  }
}

function after(cursor: string): object {
  const [ms, id] = decodeCursor(cursor)
  const at = new Date(ms)
  return {
    $or: [{ created_at: mongoose.trusted({ $gt: at }) }, { created_at: at, _id: mongoose.trusted({ $gt: id }) }],
  }
}

function toMembership({ _id, ...membership }: MembershipRow): Membership {
  return membership
}

function membershipSchema(): Schema<MembershipRow> {
  const text = { type: String, required: true }
  const time = { type: Date, required: true }
  const schema = new Schema<MembershipRow>(
    { _id: text, tenant_id: text, user_id: text, role: text, created_at: time, updated_at: time },
    { versionKey: false, id: false },
  )
  schema.index({ tenant_id: 1, user_id: 1 }, { unique: true })
  return schema.index({ user_id: 1 })
}
