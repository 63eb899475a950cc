import { lowered } from '../expressions/lowered.js'
import type { PolicyRecord } from '../policies/schema.js'
import { enabledPoliciesThat } from '../resources/in-use.js'
import type { ResourceKind } from '../resources/kind.js'
import { applyPatch } from '../resources/patch.js'
import type { TenantStore } from '../store/tenant-store.js'
import type { ActionCreate, ActionPatch, ActionRecord } from './schema.js'

export interface ActionKindStores {
  readonly actions: TenantStore<ActionRecord>
  readonly policies: TenantStore<PolicyRecord>
}

export function actionKind({
  actions,
  policies,
}: ActionKindStores): ResourceKind<ActionRecord, ActionCreate, ActionPatch> {
  return {
    type: 'action',
    noun: 'action',
    prefix: 'act',
    store: actions,
    idOf: ({ action_id }) => action_id,
    isEnabled: ({ enabled }) => enabled,
    create: (input, { id, ...fresh }) => ({ action_id: id, ...fresh, ...input }),
    patch: (record, { description, ...patch }) => ({
      ...applyPatch(record, patch),
      description: description === undefined ? record.description : (description ?? ''),
    }),
    check: async ({ expression }, { scope }) => void lowered(expression, { kind: 'action', scope, path: 'expression' }),
    usedBy: ({ action_id }, change) =>
      enabledPoliciesThat(policies, change, (policy) => policy.action_ids.includes(action_id)),
    show: (record) => record,
  }
}
