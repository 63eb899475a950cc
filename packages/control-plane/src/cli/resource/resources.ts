import { isRecord } from '@esper/core'
import type { ApiRecord } from '../../clients/operator-client.js'
import { REFERENCES } from '../../server/policy-set/document/references.js'
import { type Column, cellText, field } from '../output/table.js'
import { rotateCommand } from './key-commands.js'
import type { ResourceSpec } from './resource-spec.js'
import { VERBS } from './resource-spec.js'
import { TEMPLATES } from './templates.js'

const OF_TENANT = { ofTenant: true, nameFields: ['name'], verbs: VERBS } as const
const UPDATED = field('updated_at', 'updated')

const windowColumn: Column = {
  title: 'window',
  text: ({ window }) => {
    if (!isRecord(window)) return '-'
    const { seconds, threshold, distinct } = window
    return `${cellText(threshold)}${distinct === undefined ? '' : ` different ${cellText(distinct)}`} in ${cellText(seconds)} s`
  },
}

/** Every resource that has `list`, `show`, `create`, `update` and `delete`: a new one is one entry. */
export const RESOURCES: readonly ResourceSpec[] = [
  {
    ...{ command: 'tenant', noun: 'tenant', one: 'a tenant', collection: 'tenants', ofTenant: false },
    ...{ idField: 'tenant_id', nameFields: ['slug', 'name'], verbs: VERBS, references: [] },
    summary: 'Tenants: what belongs to one of them, no other sees.',
    columns: [field('slug'), field('name'), field('enforcement'), field('retention_days', 'retention_days', 'right')],
    ...{ template: TEMPLATES.tenant, exampleName: 'shop', exampleSet: 'name=Shop' },
    schemas: async () => {
      const { tenantCreate: create, tenantPatch: patch } = await import('../../server/tenants/schema.js')
      return { create, patch }
    },
  },
  {
    ...{ command: 'key', noun: 'API key', one: 'an API key', collection: 'api-keys', ...OF_TENANT },
    ...{ idField: 'api_key_id', references: [], deleteAlias: 'revoke' },
    summary: 'API keys: with one of them, an application signs what it sends.',
    columns: ['name', 'source_id', 'trust_level', 'key_id', 'fingerprint', 'last_used_at'].map((name) => field(name)),
    ...{ template: TEMPLATES.key, exampleName: 'web', exampleSet: 'source_id=web' },
    schemas: async () => {
      const { apiKeyCreate: create, apiKeyPatch: patch } = await import('../../server/api-keys/schema.js')
      return { create, patch }
    },
    shownOnce: keyEnvironment,
    more: (cli, spec) => [rotateCommand(cli, spec)],
  },
  {
    ...{ command: 'token', noun: 'operator token', one: 'an operator token', collection: 'operator-tokens' },
    ...{ ...OF_TENANT, verbs: ['list', 'show', 'create', 'delete'], idField: 'operator_token_id', references: [] },
    summary: 'Operator tokens: with one of them, a program does what an operator may.',
    columns: ['name', 'role', 'expires_at', 'last_used_at', 'created_at'].map((name) => field(name)),
    ...{ template: TEMPLATES.token, exampleName: 'ci', exampleSet: 'role=Admin', deleteAlias: 'revoke' },
    schemas: async () => {
      const { operatorTokenCreate: create } = await import('../../server/operator-tokens/schema.js')
      return { create, patch: create }
    },
    shownOnce: ({ operator_token }, url) => [`ESPER_URL=${url}`, `ESPER_OPERATOR_TOKEN=${String(operator_token)}`],
  },
  {
    ...{ command: 'action', noun: 'action', one: 'an action', collection: 'actions', ...OF_TENANT },
    ...{ idField: 'action_id', references: REFERENCES.actions },
    summary: 'Actions: what a request does, in the words of the product.',
    columns: [field('name'), field('enabled'), field('expression'), UPDATED],
    ...{ template: TEMPLATES.action, exampleName: 'login', exampleSet: 'expression=request_path = "/login"' },
    schemas: async () => {
      const { actionCreate: create, actionPatch: patch } = await import('../../server/actions/schema.js')
      return { create, patch }
    },
  },
  {
    ...{ command: 'entity', noun: 'entity definition', one: 'an entity definition', ...OF_TENANT },
    ...{ collection: 'entity-definitions', idField: 'entity_definition_id', references: REFERENCES.entity_definitions },
    summary: 'Entity definitions: who is counted, by which fields.',
    columns: [
      ...[field('name'), field('enabled'), field('priority', 'priority', 'right'), field('key_fields'), UPDATED],
    ],
    ...{ template: TEMPLATES.entity, exampleName: 'client-address', exampleSet: 'key_fields=[client_ip]' },
    schemas: async () => {
      const module = await import('../../server/entity-definitions/schema.js')
      return { create: module.entityDefinitionCreate, patch: module.entityDefinitionPatch }
    },
  },
  {
    ...{ command: 'mitigation', noun: 'mitigation', one: 'a mitigation', collection: 'mitigations', ...OF_TENANT },
    ...{ idField: 'mitigation_id', references: REFERENCES.mitigations },
    summary: 'Mitigations: what meets whoever a policy holds for.',
    columns: [
      ...[field('name'), field('enabled'), field('mode'), field('duration_seconds', 'seconds', 'right')],
      ...[field('scope'), field('fail_mode'), UPDATED],
    ],
    ...{ template: TEMPLATES.mitigation, exampleName: 'Login protection', exampleSet: 'mode=Block' },
    schemas: async () => {
      const { mitigationCreate: create, mitigationPatch: patch } = await import('../../server/mitigations/schema.js')
      return { create, patch }
    },
  },
  {
    ...{ command: 'policy', noun: 'policy', one: 'a policy', collection: 'policies', ...OF_TENANT },
    ...{ idField: 'policy_id', references: REFERENCES.policies },
    summary: 'Policies: who did what how often, and what happens then.',
    columns: [
      ...[field('priority', 'priority', 'right'), field('name'), field('enabled'), field('actions')],
      ...[field('entity_definition', 'entity'), windowColumn, field('mitigation'), UPDATED],
    ],
    ...{ template: TEMPLATES.policy, exampleName: 'Credential stuffing', exampleSet: 'window.threshold=20' },
    schemas: async () => {
      const { policyCreate: create, policyPatch: patch } = await import('../../server/policies/schema.js')
      return { create, patch }
    },
  },
  {
    ...{ command: 'exemption', noun: 'exemption', one: 'an exemption', collection: 'exemptions', ...OF_TENANT },
    ...{ idField: 'exemption_id', references: REFERENCES.exemptions },
    summary: 'Exemptions: whom no policy concerns.',
    columns: [
      ...[field('name'), field('enabled'), field('expression'), field('list'), field('expires_at', 'expires')],
      field('note'),
    ],
    ...{ template: TEMPLATES.exemption, exampleName: 'uptime probe', exampleSet: 'expires_at=2027-01-31T12:00:00Z' },
    schemas: async () => {
      const { exemptionCreate: create, exemptionPatch: patch } = await import('../../server/exemptions/schema.js')
      return { create, patch }
    },
  },
  {
    ...{ command: 'list', noun: 'list', one: 'a list', collection: 'lists', ...OF_TENANT },
    ...{ idField: 'list_id', references: REFERENCES.lists },
    summary: 'Lists: addresses and names that expressions and exemptions look values up in.',
    columns: [field('name'), field('enabled'), field('entry_count', 'entries', 'right'), UPDATED],
    ...{ template: TEMPLATES.list, exampleName: 'partners', exampleSet: 'entries=[203.0.113.0/24]' },
    schemas: async () => {
      const { listCreate: create, listPatch: patch } = await import('../../server/lists/schema.js')
      return { create, patch }
    },
  },
  {
    ...{ command: 'member', noun: 'member', one: 'a member', collection: 'memberships', ...OF_TENANT },
    ...{ idField: 'user_id', nameFields: ['email', 'name'], references: [] },
    summary: 'Members: who may do what in the tenant.',
    columns: [field('name'), field('email'), field('role'), UPDATED],
    ...{ template: TEMPLATES.member, exampleName: 'lea@example.com', exampleSet: 'role=Analyst' },
    schemas: async () => {
      const { membershipUpsert: create, membershipPatch: patch } = await import('../../server/memberships/schema.js')
      return { create, patch }
    },
  },
]

/** The resource that a command is for. */
export function resourceSpec(command: string): ResourceSpec {
  const spec = RESOURCES.find((one) => one.command === command)
  if (spec === undefined) throw new Error(`there is no resource "${command}"`)
  return spec
}

/** What the SDK is configured with. */
export function keyEnvironment({ key_id, secret }: ApiRecord, url: string): readonly string[] {
  return [`ESPER_URL=${url}`, `ESPER_KEY_ID=${String(key_id)}`, `ESPER_SECRET=${String(secret)}`]
}
