import type { Change } from '../changes/change.js'
import type { IdPrefix } from '../ids.js'
import type { TenantRecordBase, TenantStore } from '../store/tenant-store.js'

/** What needs a resource and would break without it. */
export interface UsedBy {
  readonly resource_type: string
  readonly resource_id: string
  readonly name: string
}

/** What is given to every new record. */
export interface NewRecord {
  readonly id: string
  readonly tenant_id: string
  readonly created_at: string
  readonly updated_at: string
}

/** What sets one kind of resource apart from the others; creating, changing and deleting them is the same for all. */
export interface ResourceKind<T extends TenantRecordBase, Create, Patch> {
  readonly type: 'action' | 'entity_definition' | 'mitigation' | 'policy'
  /** As people call it. */
  readonly noun: string
  readonly prefix: IdPrefix
  readonly store: TenantStore<T>
  idOf(record: T): string
  isEnabled(record: T): boolean
  create(input: Create, fresh: NewRecord): T
  /** The record as the patch leaves it; throws when the patch does not fit it. */
  patch(record: T, input: Patch): T
  /** Throws `DomainError` unless the record may be saved. */
  check(record: T, change: Change): Promise<void>
  /** Enabled policies that need it. */
  usedBy(record: T, change: Change): Promise<readonly UsedBy[]>
  /** The record as the API answers with it. */
  show(record: T): T
}
