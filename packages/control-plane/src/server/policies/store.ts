import { type Connection, Schema } from 'mongoose'
import { createTenantStore, type TenantStore } from '../store/tenant-store.js'
import { type PolicyRecord, policyRecord } from './schema.js'

export function createPolicyStore(connection: Connection): TenantStore<PolicyRecord> {
  return createTenantStore({
    connection,
    collection: 'policies',
    idField: 'policy_id',
    record: policyRecord,
    order: 'priority',
    fields: {
      description: { type: String, default: '' },
      enabled: { type: Boolean, required: true },
      priority: { type: Number, required: true },
      expression: { type: String, required: true },
      action_ids: { type: [String], required: true },
      entity_definition_id: { type: String, default: null },
      mitigation_id: { type: String, default: null },
      window: { type: Schema.Types.Mixed, default: null },
      revision: { type: Number, required: true },
    },
  })
}
