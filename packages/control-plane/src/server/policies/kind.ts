import { isDeepStrictEqual } from 'node:util'
import { DomainError, type FieldError } from '../../http/problem.js'
import type { Change } from '../changes/change.js'
import { lowered } from '../expressions/lowered.js'
import { requireFieldPath } from '../fields/field-paths.js'
import type { ResourceStores } from '../policy-set/resources.js'
import { checkScope } from '../policy-set/rules.js'
import type { ResourceKind, ResourceModel } from '../resources/kind.js'
import { applyPatch } from '../resources/patch.js'
import type { PolicyCreate, PolicyPatch, PolicyRecord } from './schema.js'

export const policyModel: ResourceModel<PolicyRecord, PolicyCreate, PolicyPatch> = {
  type: 'policy',
  noun: 'policy',
  prefix: 'pol',
  idOf: ({ policy_id }) => policy_id,
  isEnabled: ({ enabled }) => enabled,
  create: ({ entity_definition_id = null, mitigation_id = null, window = null, ...input }, { id, ...fresh }) => ({
    policy_id: id,
    ...fresh,
    ...input,
    entity_definition_id,
    mitigation_id,
    window,
    revision: 1,
  }),
  patch: (record, { description, ...patch }) => {
    const patched = {
      ...applyPatch(record, patch),
      description: description === undefined ? record.description : (description ?? ''),
    }
    return isDeepStrictEqual(patched, record) ? record : { ...patched, revision: record.revision + 1 }
  },
  checkAlone: ({ expression, window }, scope) => {
    lowered(expression, { kind: 'policy', scope, path: 'expression' })
    if (window?.distinct !== undefined) requireFieldPath(window.distinct, 'window.distinct')
  },
  show: (record) => record,
}

export function policyKind(stores: ResourceStores): ResourceKind<PolicyRecord, PolicyCreate, PolicyPatch> {
  return {
    ...policyModel,
    store: stores.policies,
    checkReferences: (policy, change) => checkReferences(policy, stores, change),
    usedBy: async () => [],
  }
}

async function checkReferences(policy: PolicyRecord, stores: ResourceStores, change: Change): Promise<void> {
  const named = await namedResources(policy, stores, change)
  const unknown = named.filter(({ found }) => found === undefined)
  if (unknown.length > 0) {
    throw referenceError('unknown_reference', unknown, (one) => `names no ${one.noun} of this tenant`)
  }
  const disabled = named.filter(({ found }) => found?.enabled === false)
  if (policy.enabled && disabled.length > 0) {
    throw referenceError(
      'disabled_reference',
      disabled,
      (one) =>
        `names the ${one.noun} "${one.found?.name}", which is disabled; enable it first, or save the policy disabled`,
    )
  }
  const mitigation =
    policy.mitigation_id === null
      ? undefined
      : await stores.mitigations.find(change.tenantId, policy.mitigation_id, change.session)
  if (mitigation !== undefined) checkScope({ policy, mitigation, subject: 'policy' })
}

interface Named {
  readonly path: string
  readonly noun: string
  readonly found: { readonly name: string; readonly enabled: boolean } | undefined
}

async function namedResources(policy: PolicyRecord, stores: ResourceStores, change: Change): Promise<Named[]> {
  const { tenantId, session } = change
  const named: Named[] = []
  for (const [index, id] of policy.action_ids.entries()) {
    const found = await stores.actions.find(tenantId, id, session)
    named.push({ path: `action_ids.${index}`, noun: 'action', found })
  }
  if (policy.entity_definition_id !== null) {
    const found = await stores.entityDefinitions.find(tenantId, policy.entity_definition_id, session)
    named.push({ path: 'entity_definition_id', noun: 'entity definition', found })
  }
  if (policy.mitigation_id !== null) {
    const found = await stores.mitigations.find(tenantId, policy.mitigation_id, session)
    named.push({ path: 'mitigation_id', noun: 'mitigation', found })
  }
  return named
}

function referenceError(
  code: 'unknown_reference' | 'disabled_reference',
  named: readonly Named[],
  say: (one: Named) => string,
): DomainError {
  const errors = named.map((one): FieldError => ({ path: one.path, code, message: say(one) }))
  return new DomainError(code, `Not valid: ${errors.map(({ path }) => path).join(', ')}.`, { errors })
}
