import { lowered } from '../expressions/lowered.js'
import { requireFieldPaths } from '../fields/field-paths.js'
import type { PolicyRecord } from '../policies/schema.js'
import { enabledPoliciesThat } from '../resources/in-use.js'
import type { ResourceKind, ResourceModel } from '../resources/kind.js'
import { applyPatch } from '../resources/patch.js'
import type { TenantStore } from '../store/tenant-store.js'
import type { EntityDefinitionCreate, EntityDefinitionPatch, EntityDefinitionRecord } from './schema.js'

export interface EntityDefinitionKindStores {
  readonly entityDefinitions: TenantStore<EntityDefinitionRecord>
  readonly policies: TenantStore<PolicyRecord>
}

export const entityDefinitionModel: ResourceModel<
  EntityDefinitionRecord,
  EntityDefinitionCreate,
  EntityDefinitionPatch
> = {
  type: 'entity_definition',
  noun: 'entity definition',
  prefix: 'ent',
  idOf: ({ entity_definition_id }) => entity_definition_id,
  isEnabled: ({ enabled }) => enabled,
  create: ({ match_expression = null, ...input }, { id, ...fresh }) => ({
    entity_definition_id: id,
    ...fresh,
    ...input,
    match_expression,
  }),
  patch: (record, { description, ...patch }) => ({
    ...applyPatch(record, patch),
    description: description === undefined ? record.description : (description ?? ''),
  }),
  checkAlone: ({ key_fields, match_expression }, scope) => {
    requireFieldPaths(key_fields, 'key_fields')
    if (match_expression !== null) lowered(match_expression, { kind: 'match', scope, path: 'match_expression' })
  },
  show: (record) => record,
}

export function entityDefinitionKind({
  entityDefinitions,
  policies,
}: EntityDefinitionKindStores): ResourceKind<EntityDefinitionRecord, EntityDefinitionCreate, EntityDefinitionPatch> {
  return {
    ...entityDefinitionModel,
    store: entityDefinitions,
    usedBy: ({ entity_definition_id }, change) =>
      enabledPoliciesThat(policies, change, (policy) => policy.entity_definition_id === entity_definition_id),
  }
}

/** What a new tenant begins with. */
export const DEFAULT_ENTITY_DEFINITIONS: readonly EntityDefinitionCreate[] = [
  {
    name: 'ip-user-agent',
    description: 'One client: an address together with what it calls itself.',
    enabled: true,
    priority: 100,
    key_fields: ['client_ip', 'user_agent'],
  },
  {
    name: 'bot-crawlers',
    description: 'One crawler by the name it gives itself, wherever it comes from.',
    enabled: true,
    priority: 200,
    key_fields: ['user_agent'],
    match_expression:
      '$contains(user_agent, /bot\\b|crawl|spider|slurp|archiver|scrapy|mediapartners|facebookexternalhit|bingpreview/i)',
  },
]
