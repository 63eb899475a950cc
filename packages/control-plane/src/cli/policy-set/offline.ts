import { createHash } from 'node:crypto'
import type { PolicySetContent } from '@esper/core'
import { DEFAULT_ENTITY_DEFINITIONS, entityDefinitionModel } from '../../server/entity-definitions/kind.js'
import { assemble } from '../../server/policy-set/document/assemble.js'
import { checkPolicySet } from '../../server/policy-set/document/check.js'
import type { CurrentPolicySet } from '../../server/policy-set/document/items.js'
import type { PolicySetDocument } from '../../server/policy-set/document/schema.js'

const ACTOR = { type: 'system', user_id: null, name: 'esper', via: 'file' } as const

/** What a document makes of a new tenant, checked by the functions that check it at the server. Throws `DomainError`. */
export function compileOffline(document: PolicySetDocument, now: Date): PolicySetContent | undefined {
  const { wanted, findings } = assemble(newTenant(now), document, { now, actor: ACTOR, newId: idFromName })
  return checkPolicySet(wanted, findings, now)
}

/** The same name always has the same id, so that the same file always makes the same bundle. */
function idFromName(prefix: string, name: string): string {
  return `${prefix}_${createHash('sha256').update(`${prefix}\n${name}`).digest('hex').slice(0, 20)}`
}

function newTenant(now: Date): CurrentPolicySet {
  const at = now.toISOString()
  const tenant_id = 'local'
  const times = { created_at: at, updated_at: at }
  return {
    tenant: {
      ...{ tenant_id, name: 'Local', slug: 'local', enforcement: 'on', watch_fields: [], clear_cookies: [] },
      ...{ retention_days: 30, ...times },
    },
    ...{ lists: [], actions: [], mitigations: [], policies: [], exemptions: [] },
    entityDefinitions: DEFAULT_ENTITY_DEFINITIONS.map((input) =>
      entityDefinitionModel.create(input, { id: idFromName('ent', input.name), tenant_id, ...times }, ACTOR),
    ),
  }
}
