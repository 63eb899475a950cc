import {
  BUNDLE_FORMAT,
  type BundleAction,
  type BundleEntityDefinition,
  type BundleMitigation,
  type BundlePolicy,
  demandOf,
  type PolicySetContent,
} from '@esper/core'
import type { ActionRecord } from '../actions/schema.js'
import type { EntityDefinitionRecord } from '../entity-definitions/schema.js'
import { lowered } from '../expressions/lowered.js'
import type { MitigationRecord } from '../mitigations/schema.js'
import type { PolicyRecord } from '../policies/schema.js'
import type { TenantResources } from './resources.js'

/** The policy set of a tenant at a revision: its enabled resources with their programs. */
export function compilePolicySet(resources: TenantResources, revision: number): PolicySetContent {
  const { tenant } = resources
  const content: Omit<PolicySetContent, 'demand'> = {
    format: BUNDLE_FORMAT,
    tenant_id: tenant.tenant_id,
    revision,
    enforcement: tenant.enforcement,
    clear_cookies: tenant.clear_cookies,
    actions: resources.actions.filter(isEnabled).map(toAction),
    entity_definitions: resources.entityDefinitions.filter(isEnabled).map(toEntityDefinition),
    mitigations: resources.mitigations.filter(isEnabled).map(toMitigation),
    policies: resources.policies.filter(isEnabled).map(toPolicy),
  }
  return { ...content, demand: demandOf(content, tenant.watch_fields) }
}

function isEnabled({ enabled }: { readonly enabled: boolean }): boolean {
  return enabled
}

function toAction({ action_id, name, expression }: ActionRecord): BundleAction {
  return { action_id, name, program: lowered(expression, 'expression').program }
}

function toEntityDefinition(record: EntityDefinitionRecord): BundleEntityDefinition {
  const { entity_definition_id, name, priority, key_fields, match_expression } = record
  return {
    entity_definition_id,
    name,
    priority,
    key_fields,
    ...(match_expression === null ? {} : { match_program: lowered(match_expression, 'match_expression').program }),
  }
}

function toMitigation(record: MitigationRecord): BundleMitigation {
  const { mitigation_id, name, mode, duration_seconds, scope, fail_mode, response, challenge } = record
  return {
    mitigation_id,
    name,
    mode,
    duration_seconds,
    scope,
    fail_mode,
    ...(mode === 'Block' && response !== null ? { response: toResponse(response) } : {}),
    ...(mode === 'Challenge' && challenge !== null ? { challenge } : {}),
  }
}

function toResponse(response: NonNullable<MitigationRecord['response']>): NonNullable<BundleMitigation['response']> {
  const { status, retry_after, body, contact_url } = response
  return {
    status,
    ...(retry_after === undefined ? {} : { retry_after }),
    ...(body === undefined ? {} : { body }),
    ...(contact_url === undefined ? {} : { contact_url }),
  }
}

function toPolicy(record: PolicyRecord): BundlePolicy {
  const { policy_id, name, revision, priority, action_ids, entity_definition_id, mitigation_id, window } = record
  return {
    policy_id,
    name,
    revision,
    priority,
    program: lowered(record.expression, 'expression').program,
    action_ids,
    ...(entity_definition_id === null ? {} : { entity_definition_id }),
    ...(mitigation_id === null ? {} : { mitigation_id }),
    ...(window === null ? {} : { window: toWindow(window) }),
  }
}

function toWindow({
  seconds,
  threshold,
  distinct,
}: NonNullable<PolicyRecord['window']>): NonNullable<BundlePolicy['window']> {
  return { seconds, threshold, ...(distinct === undefined ? {} : { distinct }) }
}
