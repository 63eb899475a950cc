import { type Connection, Schema } from 'mongoose'
import { z } from 'zod'
import { inTenant } from '../../database/tenant-scope.js'
import { wrappedKey } from '../crypto/key-wrap.js'
import { compileTenantModel, fromRow, type TenantStore, tenantStoreOf } from '../store/tenant-store.js'
import { type Watch, type WatchOptions, watchChanges } from '../store/watch-store.js'
import { apiKeyRecord } from './schema.js'

/** One secret of a key: what was derived from it, wrapped. The secret itself is nowhere. */
const keyVersion = z.object({
  version: z.number(),
  created_at: z.string(),
  /** Set when a newer version is to take over. */
  expires_at: z.string().nullable(),
  wrapped: z.object({
    ingestSigning: wrappedKey,
    bundleSigning: wrappedKey,
    bundleSeal: wrappedKey,
    streamMac: wrappedKey,
    fingerprint: wrappedKey,
  }),
})

const storedApiKey = apiKeyRecord.extend({ versions: z.array(keyVersion) })

export type KeyVersion = z.output<typeof keyVersion>
export type StoredApiKey = z.output<typeof storedApiKey>

export interface ApiKeyStore extends TenantStore<StoredApiKey> {
  /** By id alone: a signed request names its key before anybody knows the tenant. */
  lookup(apiKeyId: string): Promise<StoredApiKey | undefined>
  touch(tenantId: string, apiKeyId: string, at: Date): Promise<void>
  /** Told the id of each key that was changed or deleted; not of its use. */
  watch(options: Omit<WatchOptions<string>, 'read'>): Watch
}

export function createApiKeyStore(connection: Connection): ApiKeyStore {
  const options = {
    connection,
    collection: 'api_keys',
    idField: 'api_key_id',
    record: storedApiKey,
    order: 'created_at',
    fields: {
      key_id: { type: String, required: true },
      source_id: { type: String, required: true },
      trust_level: { type: String, required: true },
      fingerprint: { type: String, required: true },
      last_used_at: { type: Date, default: null },
      versions: { type: [Schema.Types.Mixed], required: true },
    },
  } as const
  const model = compileTenantModel(options)
  return {
    ...tenantStoreOf(options, model),
    lookup: async (apiKeyId) => {
      const row = await model.findOne({ _id: apiKeyId }).lean()
      return row === null ? undefined : storedApiKey.parse(fromRow(row))
    },
    touch: async (tenantId, apiKeyId, at) => {
      const filter = inTenant({ tenant_id: tenantId }, { _id: apiKeyId })
      await model.updateOne(filter, { $set: { last_used_at: at } })
    },
    // Use is written as an update, a change of the key as a replacement.
    watch: (watch) => watchChanges(model, ['delete', 'replace'], { ...watch, read: (change) => change.id }),
  }
}
