import type { Connection } from 'mongoose'
import { createTenantStore, type TenantStore } from '../store/tenant-store.js'
import { type ActionRecord, actionRecord } from './schema.js'

export function createActionStore(connection: Connection): TenantStore<ActionRecord> {
  return createTenantStore({
    connection,
    collection: 'actions',
    idField: 'action_id',
    record: actionRecord,
    order: 'created_at',
    fields: {
      description: { type: String, default: '' },
      enabled: { type: Boolean, required: true },
      expression: { type: String, required: true },
    },
  })
}
