import type { MasterKey } from '../config/option.js'
import type { Connection } from '../database/types.js'
import { createActionStore } from './actions/store.js'
import { createPendingEnds } from './active-mitigations/pending-ends-store.js'
import { createApiKeyStore } from './api-keys/store.js'
import { createAuditStore } from './audit/store.js'
import { createCredentialStore } from './auth/credential-store.js'
import { createEpochStore } from './bundle/epoch-store.js'
import { createEntityDefinitionStore } from './entity-definitions/store.js'
import { createExemptionStore } from './exemptions/store.js'
import { createListPartStore } from './lists/part-store.js'
import { createListStore } from './lists/store.js'
import { createMembershipStore } from './memberships/store.js'
import { createMitigationStore } from './mitigations/store.js'
import { createOperatorTokenStore } from './operator-tokens/store.js'
import { createPolicyStore } from './policies/store.js'
import { createRevisionStore } from './revisions/store.js'
import { createScopeKeyStore } from './scope-keys/store.js'
import { createSourceStore } from './sources/store.js'
import { createTenantsStore } from './tenants/store.js'
import { createUserStore } from './users/store.js'

export interface StoresOptions {
  readonly connection: Connection
  readonly masterKeys: readonly MasterKey[]
  readonly now: () => number
}

/** Everything the server keeps. Models are compiled here, before the connection opens, so that it makes their indexes. */
export function createStores({ connection, masterKeys, now }: StoresOptions) {
  return {
    tenants: createTenantsStore(connection),
    users: createUserStore(connection),
    memberships: createMembershipStore(connection),
    credentials: createCredentialStore(connection),
    apiKeys: createApiKeyStore(connection),
    operatorTokens: createOperatorTokenStore(connection),
    scopeKeys: createScopeKeyStore({ connection, masterKeys, now }),
    resources: {
      actions: createActionStore(connection),
      entityDefinitions: createEntityDefinitionStore(connection),
      mitigations: createMitigationStore(connection),
      policies: createPolicyStore(connection),
      exemptions: createExemptionStore(connection),
      lists: createListStore(connection),
    },
    listParts: createListPartStore(connection),
    revisions: createRevisionStore(connection),
    pendingEnds: createPendingEnds(connection),
    audit: createAuditStore(connection),
    sources: createSourceStore(connection),
    epochs: createEpochStore(connection),
  }
}

export type Stores = ReturnType<typeof createStores>
