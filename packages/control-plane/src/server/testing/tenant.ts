import type { Answer, Operator } from './operator.js'

type Make = (more?: object) => Promise<Answer['body']>

/** A tenant in which a test makes what it needs in a word; everything gets a name of its own. */
export interface TestTenant {
  readonly tenantId: string
  /** Its address. */
  readonly at: string
  named(what: string): string
  readonly action: Make
  readonly entity: Make
  readonly mitigation: Make
  readonly policy: Make
}

export async function createTestTenant(owner: Operator, name: string): Promise<TestTenant> {
  const { tenant_id: tenantId } = await owner.make('/tenants', { name })
  const at = `/tenants/${tenantId}`
  let made = 0
  const named = (what: string) => {
    made += 1
    return `${what} ${made}`
  }
  const maker =
    (collection: string, usual: object): Make =>
    (more = {}) =>
      owner.make(`${at}/${collection}`, { name: named(collection), ...usual, ...more })
  return {
    tenantId,
    at,
    named,
    action: maker('actions', { expression: 'request_path = "/login"' }),
    entity: maker('entity-definitions', { key_fields: ['client_ip'] }),
    mitigation: maker('mitigations', { mode: 'Block' }),
    policy: maker('policies', { expression: 'true' }),
  }
}
