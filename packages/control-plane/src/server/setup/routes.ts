import type { IngestionClient } from '../../clients/ingestion-client.js'
import type { MitigationClient } from '../../clients/mitigation-client.js'
import type { ApiKeyStore } from '../api-keys/store.js'
import { DEFAULT_ENTITY_DEFINITIONS } from '../entity-definitions/kind.js'
import type { ResourceStores } from '../policy-set/resources.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { SETUP_STEPS, type SetupRecord, type SetupStepId, setupRecord } from './schema.js'

const LOOK_BACK_MS = 30 * 86_400_000

export interface SetupRoutesOptions {
  readonly apiKeys: ApiKeyStore
  readonly resources: ResourceStores
  readonly ingestion: IngestionClient
  readonly mitigation: MitigationClient
  readonly now: () => number
}

export function setupRoutes(options: SetupRoutesOptions): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/tenants/:tenant_id/setup',
      permission: 'tenant.read',
      status: 200,
      summary: 'How far the quickstart has come',
      body: noBody,
      query: noQuery,
      answer: setupRecord,
      handle: async ({ tenantId }): Promise<SetupRecord> => {
        const done = await stepsDone(options, tenantId)
        return { steps: SETUP_STEPS.map((id) => ({ id, done: done[id] })) }
      },
    }),
  ]
}

async function stepsDone(
  { apiKeys, resources, ingestion, mitigation, now }: SetupRoutesOptions,
  tenantId: string,
): Promise<Record<SetupStepId, boolean>> {
  const span = { from: now() - LOOK_BACK_MS, to: now() }
  const [keys, actions, entities, mitigations, policies, stats, results] = await Promise.all([
    apiKeys.count(tenantId),
    resources.actions.count(tenantId),
    resources.entityDefinitions.all(tenantId),
    resources.mitigations.count(tenantId),
    resources.policies.all(tenantId),
    ingestion.stats(tenantId),
    mitigation.policyResults({ tenantId, ...span }),
  ])
  const given = new Set(DEFAULT_ENTITY_DEFINITIONS.map(({ name }) => name))
  return {
    tenant: true,
    api_key: keys > 0,
    action: actions > 0,
    // The two that every tenant begins with are nobody's doing, until a policy uses one.
    entity:
      entities.some(({ name }) => !given.has(name)) ||
      policies.some(({ entity_definition_id }) => entity_definition_id !== null),
    mitigation: mitigations > 0,
    policy: policies.length > 0,
    traffic: stats.events > 0,
    enforced: results.items.some(({ enforced_count }) => enforced_count > 0),
  }
}
