import { type Connection, Schema } from 'mongoose'
import { createTenantStore, type TenantStore } from '../store/tenant-store.js'
import { type ExemptionRecord, exemptionRecord } from './schema.js'

export function createExemptionStore(connection: Connection): TenantStore<ExemptionRecord> {
  return createTenantStore({
    connection,
    collection: 'exemptions',
    idField: 'exemption_id',
    record: exemptionRecord,
    order: 'created_at',
    fields: {
      note: { type: String, default: '' },
      enabled: { type: Boolean, required: true },
      expression: { type: String, default: null },
      list_id: { type: String, default: null },
      expires_at: { type: String, default: null },
      created_by: { type: Schema.Types.Mixed, required: true },
    },
  })
}
