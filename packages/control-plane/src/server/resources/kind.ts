import type { UsedBy } from '../../http/problem.js'
import type { AuditActor } from '../audit/schema.js'
import type { Change } from '../changes/change.js'
import type { ExpressionScope } from '../expressions/lowered.js'
import type { IdPrefix } from '../ids.js'
import type { TenantRecordBase, TenantStore } from '../store/tenant-store.js'

/** What is given to every new record. */
export interface NewRecord {
  readonly id: string
  readonly tenant_id: string
  readonly created_at: string
  readonly updated_at: string
}

/** What one kind of resource is by itself, without a database: the same where files are checked offline. */
export interface ResourceModel<T extends TenantRecordBase, Create, Patch> {
  readonly type: 'action' | 'entity_definition' | 'mitigation' | 'policy' | 'exemption' | 'list'
  /** As people call it. */
  readonly noun: string
  readonly prefix: IdPrefix
  idOf(record: T): string
  isEnabled(record: T): boolean
  create(input: Create, fresh: NewRecord, actor: AuditActor): T
  /** The record as the patch leaves it; throws when the patch does not fit it. */
  patch(record: T, input: Patch): T
  /** Throws `DomainError` unless the record is good by itself; what it refers to is not looked at. */
  checkAlone(record: T, scope: ExpressionScope): void
  /** Whether expressions name it: then it keeps its name while something enabled needs it. */
  readonly isNamedInExpressions?: boolean
  /** The record as the API answers with it. */
  show(record: T): T
  /** What the audit log keeps of one side of a change, where that is not what is shown. */
  audited?(record: T, other: T | undefined): object
}

/** What sets one kind of resource apart from the others; creating, changing and deleting them is the same for all. */
export interface ResourceKind<T extends TenantRecordBase, Create, Patch> extends ResourceModel<T, Create, Patch> {
  readonly store: TenantStore<T>
  /** Throws `DomainError` unless what the record refers to is there and fits. */
  checkReferences?(record: T, change: Change): Promise<void>
  /** Enabled resources that need it. */
  usedBy(record: T, change: Change): Promise<readonly UsedBy[]>
}
