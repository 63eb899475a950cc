import { lowered } from '../expressions/lowered.js'
import type { PolicyRecord } from '../policies/schema.js'
import { enabledPoliciesThat } from '../resources/in-use.js'
import type { ResourceKind, ResourceModel } from '../resources/kind.js'
import { applyPatch } from '../resources/patch.js'
import type { TenantStore } from '../store/tenant-store.js'
import type { ActionCreate, ActionPatch, ActionRecord } from './schema.js'

export interface ActionKindStores {
  readonly actions: TenantStore<ActionRecord>
  readonly policies: TenantStore<PolicyRecord>
}

export const actionModel: ResourceModel<ActionRecord, ActionCreate, ActionPatch> = {
  type: 'action',
  noun: 'action',
  prefix: 'act',
  idOf: ({ action_id }) => action_id,
  isEnabled: ({ enabled }) => enabled,
  create: (input, { id, ...fresh }) => ({ action_id: id, ...fresh, ...input }),
  patch: (record, { description, ...patch }) => ({
    ...applyPatch(record, patch),
    description: description === undefined ? record.description : (description ?? ''),
  }),
  checkAlone: ({ expression }, scope) => void lowered(expression, { kind: 'action', scope, path: 'expression' }),
  show: (record) => record,
}

export function actionKind({
  actions,
  policies,
}: ActionKindStores): ResourceKind<ActionRecord, ActionCreate, ActionPatch> {
  return {
    ...actionModel,
    store: actions,
    usedBy: ({ action_id }, change) =>
      enabledPoliciesThat(policies, change, (policy) => policy.action_ids.includes(action_id)),
  }
}
