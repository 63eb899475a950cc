import { type ApiRecord, type Operator, textOf } from './operator.js'

export interface TestTenant {
  readonly tenantId: string
  /** Where its resources are: `tenants/{tenant_id}`. */
  readonly at: string
  readonly loginActionId: string
  readonly addressEntityId: string
  key(body: ApiRecord): Promise<ApiRecord>
  mitigation(body: ApiRecord): Promise<string>
  policy(body: ApiRecord): Promise<string>
}

let made = 0

/** A tenant of its own with what most tests need: the action `login`, and an entity of the client's address. */
export async function createTenant(operator: Operator, name: string): Promise<TestTenant> {
  made += 1
  const slug = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${process.pid}-${made}`
  const tenantId = textOf(await operator.create('tenants', { name, slug }), 'tenant_id')
  const at = `tenants/${tenantId}`
  const action = await operator.create(`${at}/actions`, {
    name: 'login',
    expression: 'request_method = "POST" and request_path = "/login"',
  })
  const entity = await operator.create(`${at}/entity-definitions`, { name: 'address', key_fields: ['client_ip'] })
  return {
    tenantId,
    at,
    loginActionId: textOf(action, 'action_id'),
    addressEntityId: textOf(entity, 'entity_definition_id'),
    key: (body) => operator.create(`${at}/api-keys`, body),
    mitigation: async (body) => textOf(await operator.create(`${at}/mitigations`, body), 'mitigation_id'),
    policy: async (body) => textOf(await operator.create(`${at}/policies`, body), 'policy_id'),
  }
}

/** Five attempts at the login form by one address in a minute. */
export function stuffingPolicy(tenant: TestTenant, mitigationId: string): ApiRecord {
  return {
    name: 'Stuffing',
    priority: 10,
    expression: 'true',
    action_ids: [tenant.loginActionId],
    entity_definition_id: tenant.addressEntityId,
    mitigation_id: mitigationId,
    window: { seconds: 60, threshold: 5 },
  }
}
