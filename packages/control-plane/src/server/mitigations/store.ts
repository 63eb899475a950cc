import { type Connection, Schema } from 'mongoose'
import { createTenantStore, type TenantStore } from '../store/tenant-store.js'
import { type MitigationRecord, mitigationRecord } from './schema.js'

export function createMitigationStore(connection: Connection): TenantStore<MitigationRecord> {
  return createTenantStore({
    connection,
    collection: 'mitigations',
    idField: 'mitigation_id',
    record: mitigationRecord,
    order: 'created_at',
    fields: {
      description: { type: String, default: '' },
      enabled: { type: Boolean, required: true },
      mode: { type: String, required: true },
      duration_seconds: { type: Number, required: true },
      scope: { type: String, required: true },
      fail_mode: { type: String, required: true },
      response: { type: Schema.Types.Mixed, default: null },
      provider: { type: String, default: null },
      level: { type: Number, default: null },
      min_level: { type: Number, default: null },
      one_time: { type: Boolean, default: null },
    },
  })
}
