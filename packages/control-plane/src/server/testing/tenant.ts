import type {
  ActionRecord,
  EntityDefinitionRecord,
  ExemptionRecord,
  ListWithEntries,
  MitigationRecord,
  PolicyRecord,
} from '../../contract/operator.js'
import type { Operator } from './operator.js'

type Make<Item> = (more?: object) => Promise<Item>

/** A tenant in which a test makes what it needs in a word; everything gets a name of its own. */
export interface TestTenant {
  readonly tenantId: string
  /** Its address. */
  readonly at: string
  named(what: string): string
  readonly action: Make<ActionRecord>
  readonly entity: Make<EntityDefinitionRecord>
  readonly mitigation: Make<MitigationRecord>
  readonly policy: Make<PolicyRecord>
  readonly exemption: Make<ExemptionRecord>
  readonly list: Make<ListWithEntries>
}

export async function createTestTenant(owner: Operator, name: string): Promise<TestTenant> {
  const { tenant_id: tenantId } = await owner.make('/tenants', { name })
  const at = `/tenants/${tenantId}`
  let made = 0
  const named = (what: string) => {
    made += 1
    return `${what} ${made}`
  }
  return {
    tenantId,
    at,
    named,
    action: (more) =>
      owner.make(`${at}/actions`, { name: named('actions'), expression: 'request_path = "/login"', ...more }),
    entity: (more) =>
      owner.make(`${at}/entity-definitions`, { name: named('entities'), key_fields: ['client_ip'], ...more }),
    mitigation: (more) => owner.make(`${at}/mitigations`, { name: named('mitigations'), mode: 'Block', ...more }),
    policy: (more) => owner.make(`${at}/policies`, { name: named('policies'), expression: 'true', ...more }),
    list: (more) => owner.make(`${at}/lists`, { name: named('lists'), ...more }),
    exemption: (more) =>
      owner.make(`${at}/exemptions`, { name: named('exemptions'), expression: 'user_agent = "probe"', ...more }),
  }
}
