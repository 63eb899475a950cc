import type { IngestionClient } from '../clients/ingestion-client.js'
import type { MitigationClient } from '../clients/mitigation-client.js'
import { actionCreate, actionPatch, actionRecord } from './actions/schema.js'
import { activeMitigationRoutes } from './active-mitigations/routes.js'
import { apiKeyRoutes } from './api-keys/routes.js'
import { auditRoutes } from './audit/routes.js'
import { meRoutes } from './auth/routes.js'
import { entityDefinitionCreate, entityDefinitionPatch, entityDefinitionRecord } from './entity-definitions/schema.js'
import { eventRoutes } from './events/routes.js'
import { createEventService } from './events/service.js'
import { exemptionCreate, exemptionPatch, exemptionRecord } from './exemptions/schema.js'
import { createPolicySets } from './explanations/policy-sets.js'
import { explanationRoutes } from './explanations/routes.js'
import { createExplanationService } from './explanations/service.js'
import { expressionRoutes } from './expressions/routes.js'
import { fieldRoutes } from './fields/routes.js'
import { listRoutes } from './lists/routes.js'
import { membershipRoutes } from './memberships/routes.js'
import { mitigationCreate, mitigationPatch, mitigationRecord } from './mitigations/schema.js'
import { operatorTokenRoutes } from './operator-tokens/routes.js'
import { policyCreate, policyPatch, policyRecord } from './policies/schema.js'
import { policySetRoutes } from './policy-set/document/routes.js'
import { resourceRoutes } from './resources/routes.js'
import { resultRoutes } from './results/routes.js'
import { createResultsService } from './results/service.js'
import { revisionRoutes } from './revisions/routes.js'
import type { Route } from './routing/route.js'
import type { Services } from './services.js'
import { setupRoutes } from './setup/routes.js'
import { sourceRoutes } from './sources/routes.js'
import type { Stores } from './stores.js'
import { tenantRoutes } from './tenants/routes.js'

export interface OperatorRoutesOptions {
  readonly stores: Stores
  readonly services: Services
  readonly ingestion: IngestionClient
  readonly mitigation: MitigationClient
  readonly now: () => number
}

/** The operator API, every route of it. */
export function operatorRoutes(options: OperatorRoutesOptions): readonly Route[] {
  const { stores, services, ingestion, mitigation, now } = options
  const { apiKeys, resources, sources, audit, revisions } = stores
  const { mitigations, policies, lists } = resources
  const results = createResultsService({ policies, mitigations, broker: mitigation })
  const events = createEventService({ ingestion, mitigation, tenants: services.tenants, now })
  const loadSet = createPolicySets({ revisions, listParts: stores.listParts })
  return [
    ...meRoutes(stores),
    ...tenantRoutes(services.tenants),
    ...membershipRoutes(services.memberships),
    ...apiKeyRoutes(services.apiKeys),
    ...operatorTokenRoutes(services.operatorTokens),
    ...policyRoutes(services),
    ...listRoutes({ service: services.lists, usersOf: services.listUsers, now }),
    ...revisionRoutes(revisions, services.policySet),
    ...policySetRoutes(services.policySet),
    ...expressionRoutes({ tenants: services.tenants, lists }),
    ...fieldRoutes(),
    ...resultRoutes(results, now),
    ...eventRoutes(events),
    ...explanationRoutes(createExplanationService({ events, tenants: services.tenants, policies, lists, loadSet })),
    ...activeMitigationRoutes({ broker: mitigation, exemptions: services.exemptions, changes: services.changes, now }),
    ...auditRoutes(audit),
    ...setupRoutes({ apiKeys, resources, ingestion, mitigation, now }),
    ...sourceRoutes({ apiKeys, sources, broker: ingestion, now }),
  ]
}

const PERMISSIONS = { read: 'resource.read', write: 'resource.write' } as const

function policyRoutes(services: Services): readonly Route[] {
  return [
    ...resourceRoutes({
      ...{ collection: 'actions', noun: 'action', ...PERMISSIONS, service: services.actions },
      ...{ create: actionCreate, patch: actionPatch, record: actionRecord },
    }),
    ...resourceRoutes({
      ...{ collection: 'entity-definitions', noun: 'entity definition', ...PERMISSIONS },
      service: services.entityDefinitions,
      ...{ create: entityDefinitionCreate, patch: entityDefinitionPatch, record: entityDefinitionRecord },
    }),
    ...resourceRoutes({
      ...{ collection: 'mitigations', noun: 'mitigation', ...PERMISSIONS, service: services.mitigations },
      ...{ create: mitigationCreate, patch: mitigationPatch, record: mitigationRecord },
    }),
    ...resourceRoutes({
      ...{ collection: 'policies', noun: 'policy', ...PERMISSIONS, service: services.policies },
      ...{ create: policyCreate, patch: policyPatch, record: policyRecord },
    }),
    ...resourceRoutes({
      ...{ collection: 'exemptions', noun: 'exemption', service: services.exemptions },
      ...{ read: 'resource.read', write: 'exemption.write' },
      ...{ create: exemptionCreate, patch: exemptionPatch, record: exemptionRecord },
    }),
  ]
}
