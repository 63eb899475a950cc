import type { MasterKey } from '../config/option.js'
import type { Connection } from '../database/types.js'
import { actionKind } from './actions/kind.js'
import { createApiKeyService } from './api-keys/service.js'
import { createAuthorize } from './auth/authorize.js'
import { createChanges } from './changes/change.js'
import { entityDefinitionKind } from './entity-definitions/kind.js'
import { exemptionKind } from './exemptions/kind.js'
import { listKind } from './lists/kind.js'
import { createFindListUsers } from './lists/users.js'
import { createMembershipService } from './memberships/service.js'
import { mitigationKind } from './mitigations/kind.js'
import { createOperatorTokenService } from './operator-tokens/service.js'
import { policyKind } from './policies/kind.js'
import { createPolicySetService } from './policy-set/document/service.js'
import { createPublish } from './policy-set/publish.js'
import { createResourceService } from './resources/service.js'
import type { NewRevision } from './revisions/store.js'
import type { Stores } from './stores.js'
import { createTenantService } from './tenants/service.js'

export interface ServicesOptions {
  readonly connection: Connection
  readonly stores: Stores
  readonly masterKeys: readonly MasterKey[]
  readonly now: () => number
  /** Told of each new revision once it is committed. */
  readonly announce: (revision: NewRevision) => void
  /** Told of API keys that are not what they were. */
  readonly forgetApiKeys: (apiKeyIds: readonly string[]) => void
}

/** Everything that changes something. */
export function createServices(options: ServicesOptions) {
  const { connection, stores, masterKeys, now, announce, forgetApiKeys } = options
  const { resources, apiKeys } = stores
  const changes = createChanges({ connection, audit: stores.audit, now })
  const publish = createPublish({ ...stores, announce })
  const authorize = createAuthorize({ memberships: stores.memberships, changes })
  const common = { changes, publish, tenants: stores.tenants, lists: resources.lists }
  const listUsers = createFindListUsers(stores)
  return {
    changes,
    authorize,
    policySet: createPolicySetService({ ...stores, changes, publish, authorize, now }),
    tenants: createTenantService({ ...stores, changes, publish, forgetApiKeys }),
    memberships: createMembershipService({ ...stores, changes }),
    apiKeys: createApiKeyService({ apiKeys, masterKeys, changes, forget: forgetApiKeys }),
    operatorTokens: createOperatorTokenService({ ...stores, changes }),
    actions: createResourceService({ kind: actionKind(resources), ...common }),
    entityDefinitions: createResourceService({ kind: entityDefinitionKind(resources), ...common }),
    mitigations: createResourceService({ kind: mitigationKind(resources), ...common }),
    policies: createResourceService({ kind: policyKind(resources), ...common }),
    exemptions: createResourceService({ kind: exemptionKind(resources), ...common }),
    lists: createResourceService({ kind: listKind({ lists: resources.lists, usersOf: listUsers }), ...common }),
    listUsers,
  }
}

export type Services = ReturnType<typeof createServices>
