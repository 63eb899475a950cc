import type { Connection } from 'mongoose'
import { createTenantStore, type TenantStore } from '../store/tenant-store.js'
import { type EntityDefinitionRecord, entityDefinitionRecord } from './schema.js'

export function createEntityDefinitionStore(connection: Connection): TenantStore<EntityDefinitionRecord> {
  return createTenantStore({
    connection,
    collection: 'entity_definitions',
    idField: 'entity_definition_id',
    record: entityDefinitionRecord,
    order: 'priority',
    fields: {
      description: { type: String, default: '' },
      enabled: { type: Boolean, required: true },
      priority: { type: Number, required: true },
      key_fields: { type: [String], required: true },
      match_expression: { type: String, default: null },
    },
  })
}
