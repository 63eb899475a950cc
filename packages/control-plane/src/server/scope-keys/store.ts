import { randomBytes } from 'node:crypto'
import { type CountingScope, SHARED_KEY_PURPOSES, type SharedKeyPurpose } from '@esper/core'
import { type ClientSession, type Connection, Schema } from 'mongoose'
import type { MasterKey } from '../../config/option.js'
import { inTenant } from '../../database/tenant-scope.js'
import { unwrapKey, type WrappedKey, wrapKey } from '../crypto/key-wrap.js'
import { newId } from '../ids.js'

/** A key that all sources of a counting scope share, in clear. */
export interface ScopeKey {
  readonly purpose: SharedKeyPurpose
  readonly key_id: string
  readonly state: 'current' | 'previous'
  readonly key: Buffer
}

export interface ScopeKeyStore {
  /** The keys of a scope; made when it is asked for the first time. */
  ofScope(tenantId: string, scope: CountingScope): Promise<readonly ScopeKey[]>
  removeAll(tenantId: string, session: ClientSession): Promise<void>
}

interface ScopeKeyRow {
  _id: string
  tenant_id: string
  counting_scope: string
  purpose: SharedKeyPurpose
  key_id: string
  state: 'current' | 'previous'
  wrapped: WrappedKey
  created_at: Date
}

export interface ScopeKeyStoreOptions {
  readonly connection: Connection
  readonly masterKeys: readonly MasterKey[]
  readonly now: () => number
}

export function createScopeKeyStore({ connection, masterKeys, now }: ScopeKeyStoreOptions): ScopeKeyStore {
  const model = connection.model<ScopeKeyRow>('scope_keys', scopeKeySchema(), 'scope_keys')
  const currentKey = (tenantId: string, scope: CountingScope, purpose: SharedKeyPurpose) => {
    const key_id = newId('shk')
    const fresh = { tenant_id: tenantId, counting_scope: scope, purpose, key_id, state: 'current' as const }
    const wrapped = wrapKey(masterKeys, randomBytes(32), contextOf(fresh))
    // One statement: whoever asks first makes the key, everybody gets the same one.
    return model
      .findOneAndUpdate(
        { _id: `${tenantId}|${scope}|${purpose}|current` },
        { $setOnInsert: { ...fresh, wrapped, created_at: new Date(now()) } },
        { upsert: true, returnDocument: 'after' },
      )
      .lean()
  }
  return {
    ofScope: async (tenantId, scope) => {
      const filter = inTenant({ tenant_id: tenantId }, { counting_scope: scope })
      let rows = await model.find(filter).sort({ _id: 1 }).lean()
      for (const purpose of SHARED_KEY_PURPOSES) {
        if (rows.some((row) => row.purpose === purpose && row.state === 'current')) continue
        rows = [...rows, await currentKey(tenantId, scope, purpose)]
      }
      return rows.map((row) => ({
        purpose: row.purpose,
        key_id: row.key_id,
        state: row.state,
        key: unwrapKey(masterKeys, row.wrapped, contextOf(row)),
      }))
    },
    removeAll: async (tenantId, session) => {
      await model.deleteMany(inTenant({ tenant_id: tenantId }, {})).session(session)
    },
  }
}

type Place = Pick<ScopeKeyRow, 'tenant_id' | 'counting_scope' | 'key_id' | 'purpose'>

/** Tenant, key id, version and purpose, as for every wrapped key; the scope belongs to the purpose. */
function contextOf({ tenant_id, counting_scope, key_id, purpose }: Place): string {
  return `${tenant_id}|${key_id}|1|${counting_scope}/${purpose}`
}

function scopeKeySchema(): Schema<ScopeKeyRow> {
  const text = { type: String, required: true }
  const schema = new Schema<ScopeKeyRow>(
    {
      _id: text,
      tenant_id: text,
      counting_scope: text,
      purpose: text,
      key_id: text,
      state: text,
      wrapped: { type: Schema.Types.Mixed, required: true },
      created_at: { type: Date, required: true },
    },
    { versionKey: false, id: false },
  )
  return schema.index({ tenant_id: 1, counting_scope: 1 })
}
