import { createHash } from 'node:crypto'
import { type ClientSession, type Connection, Schema } from 'mongoose'
import { inTenant } from '../../database/tenant-scope.js'
import { compileTenantModel, fromRow, type TenantStore, tenantStoreOf } from '../store/tenant-store.js'
import { type OperatorTokenRecord, operatorTokenRecord } from './schema.js'

/** A token by the SHA-256 of what its holder shows: 256 random bits need no more than a plain hash. */
const storedOperatorToken = operatorTokenRecord.extend({ digest: operatorTokenRecord.shape.name })
export type StoredOperatorToken = OperatorTokenRecord & { readonly digest: string }

export interface OperatorTokenStore extends TenantStore<StoredOperatorToken> {
  /** By what its holder shows: nobody knows the tenant yet. */
  lookup(token: string): Promise<StoredOperatorToken | undefined>
  touch(tenantId: string, operatorTokenId: string, at: Date): Promise<void>
  removeOfUser(tenantId: string, userId: string, session: ClientSession): Promise<void>
}

export function createOperatorTokenStore(connection: Connection): OperatorTokenStore {
  const options = {
    connection,
    collection: 'tenant_tokens',
    idField: 'operator_token_id',
    record: storedOperatorToken,
    order: 'created_at',
    fields: {
      role: { type: String, required: true },
      user_id: { type: String, required: true },
      digest: { type: String, required: true, index: { unique: true } },
      // The time is checked when a token is shown; the index only cleans up.
      expires_at: { type: Schema.Types.Date, required: true, index: { expireAfterSeconds: 0 } },
      last_used_at: { type: Date, default: null },
    },
  } as const
  const model = compileTenantModel(options)
  return {
    ...tenantStoreOf(options, model),
    lookup: async (token) => {
      const row = await model.findOne({ digest: digestOf(token) }).lean()
      return row === null ? undefined : storedOperatorToken.parse(fromRow(row))
    },
    touch: async (tenantId, operatorTokenId, at) => {
      const filter = inTenant({ tenant_id: tenantId }, { _id: operatorTokenId })
      await model.updateOne(filter, { $set: { last_used_at: at } })
    },
    removeOfUser: async (tenantId, userId, session) => {
      await model.deleteMany(inTenant({ tenant_id: tenantId }, { user_id: userId })).session(session)
    },
  }
}

export function digestOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex')
}
