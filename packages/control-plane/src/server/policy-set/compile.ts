import {
  BUNDLE_FORMAT,
  type BundleAction,
  type BundleEntityDefinition,
  type BundleExemption,
  type BundleMitigation,
  type BundlePolicy,
  demandOf,
  listsOf,
  type PolicySetContent,
  PROGRAM_VERSION,
  type Program,
  type ProgramNode,
} from '@esper/core'
import { DomainError } from '../../http/problem.js'
import type { ActionRecord } from '../actions/schema.js'
import type { EntityDefinitionRecord } from '../entity-definitions/schema.js'
import type { ExemptionRecord } from '../exemptions/schema.js'
import { type ExpressionScope, lowered } from '../expressions/lowered.js'
import type { ExpressionKind } from '../expressions/schema.js'
import { challengeSettings } from '../mitigations/challenge-settings.js'
import type { MitigationRecord } from '../mitigations/schema.js'
import type { PolicyRecord } from '../policies/schema.js'
import { listReferences } from './list-references.js'
import type { TenantResources } from './resources.js'

/** An event that comes later than this after its time finds no exemption that had expired: bundles do not fill up with them. */
const LATE_MS = 7 * 86_400_000

/** The policy set of a tenant at a revision: its enabled resources with their programs. */
export function compilePolicySet(resources: TenantResources, revision: number, now: Date): PolicySetContent {
  const { tenant } = resources
  const ids = new Map(resources.lists.map(({ name, list_id }) => [name, list_id]))
  const scope: ExpressionScope = { clearCookies: tenant.clear_cookies, lists: ids }
  const content: Omit<PolicySetContent, 'demand'> = {
    format: BUNDLE_FORMAT,
    tenant_id: tenant.tenant_id,
    revision,
    enforcement: tenant.enforcement,
    clear_cookies: tenant.clear_cookies,
    actions: resources.actions.filter(isEnabled).map((record) => toAction(record, scope)),
    entity_definitions: resources.entityDefinitions
      .filter(isEnabled)
      .map((record) => toEntityDefinition(record, scope)),
    mitigations: resources.mitigations.filter(isEnabled).map(toMitigation),
    policies: resources.policies.filter(isEnabled).map((record) => toPolicy(record, scope)),
    exemptions: resources.exemptions
      .filter((record) => record.enabled && !isLongOver(record, now))
      .map((record) => toExemption(record, scope)),
  }
  const lists = listReferences(listsOf(content), resources.lists)
  return { ...content, ...(lists.length === 0 ? {} : { lists }), demand: demandOf(content, tenant.watch_fields) }
}

function isEnabled({ enabled }: { readonly enabled: boolean }): boolean {
  return enabled
}

interface Source {
  readonly kind: ExpressionKind
  readonly noun: string
  readonly name: string
  readonly expression: string
}

/**
 * What was saved before is good on its own; only another change, such as of the cookies in clear, can make it unusable.
 * The error then names the resource, since the field is none of the form that was sent.
 */
function programOf({ kind, noun, name, expression }: Source, scope: ExpressionScope): Program {
  try {
    return lowered(expression, { kind, scope, path: '' }).program
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    const errors = (error.errors ?? []).map((one) => ({ ...one, message: `${noun} "${name}": ${one.message}` }))
    throw new DomainError(error.code, `The ${noun} "${name}" would not work any more: ${error.message}`, { errors })
  }
}

function toAction({ action_id, name, expression }: ActionRecord, scope: ExpressionScope): BundleAction {
  return { action_id, name, program: programOf({ kind: 'action', noun: 'action', name, expression }, scope) }
}

function toEntityDefinition(record: EntityDefinitionRecord, scope: ExpressionScope): BundleEntityDefinition {
  const { entity_definition_id, name, priority, key_fields, match_expression: expression } = record
  const entity = { entity_definition_id, name, priority, key_fields }
  if (expression === null) return entity
  const source = { kind: 'match', noun: 'entity definition', name, expression } as const
  return { ...entity, match_program: programOf(source, scope) }
}

function toMitigation(record: MitigationRecord): BundleMitigation {
  const { mitigation_id, name, mode, duration_seconds, scope, fail_mode, response } = record
  return {
    mitigation_id,
    name,
    mode,
    duration_seconds,
    scope,
    fail_mode,
    ...(mode === 'Block' && response !== null ? { response: toResponse(response) } : {}),
    ...(mode === 'Challenge' ? { challenge: challengeSettings(record) } : {}),
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

function toPolicy(record: PolicyRecord, scope: ExpressionScope): BundlePolicy {
  const { policy_id, name, revision, priority, action_ids, entity_definition_id, mitigation_id, window } = record
  return {
    policy_id,
    name,
    revision,
    priority,
    program: programOf({ kind: 'policy', noun: 'policy', name, expression: record.expression }, scope),
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

function isLongOver({ expires_at }: ExemptionRecord, now: Date): boolean {
  return expires_at !== null && Date.parse(expires_at) < now.getTime() - LATE_MS
}

function toExemption(record: ExemptionRecord, scope: ExpressionScope): BundleExemption {
  const { exemption_id, name, expires_at } = record
  return {
    exemption_id,
    name,
    program: exemptionProgram(record, scope),
    ...(expires_at === null ? {} : { expires_at: Date.parse(expires_at) }),
  }
}

/**
 * Whom an exemption exempts: who is on its list by address or by name, where its expression is true. Two alternatives side by
 * side, since the address is known before the name.
 */
function exemptionProgram({ name, expression, list_id }: ExemptionRecord, scope: ExpressionScope): Program {
  const source = { kind: 'exemption', noun: 'exemption', name } as const
  const said = expression === null ? undefined : programOf({ ...source, expression }, scope)
  if (list_id === null) return said ?? { version: PROGRAM_VERSION, root: ['lit', false] }
  const onList = ['client_ip', 'user_id'].map((field): ProgramNode => {
    const listed: ProgramNode = ['in_list', ['path', field], list_id]
    return said === undefined ? listed : ['and', said.root, listed]
  })
  return { version: PROGRAM_VERSION, root: ['or', ...onList] }
}
