import { pageOf, pageQuery } from '../resources/routes.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { apiKeyCreate, apiKeyCreated, apiKeyPatch, apiKeyRecord, apiKeyRotate } from './schema.js'
import type { ApiKeyService } from './service.js'

const ALL = '/tenants/:tenant_id/api-keys'
const ONE = `${ALL}/:id`

export function apiKeyRoutes(service: ApiKeyService): readonly Route[] {
  return [
    route({
      ...{ method: 'get', path: ALL, permission: 'api_key.read', status: 200, summary: 'List the API keys' },
      ...{ body: noBody, query: pageQuery, answer: pageOf(apiKeyRecord) },
      handle: ({ tenantId, query }) => service.list(tenantId, query),
    }),
    route({
      ...{ method: 'post', path: ALL, permission: 'api_key.write', status: 201, summary: 'Issue an API key' },
      ...{ body: apiKeyCreate, query: noQuery, answer: apiKeyCreated },
      handle: ({ tenantId, caller, body }) => service.create({ tenantId, caller }, body),
    }),
    route({
      ...{ method: 'get', path: ONE, permission: 'api_key.read', status: 200, summary: 'Show an API key' },
      ...{ body: noBody, query: noQuery, answer: apiKeyRecord },
      handle: ({ tenantId, id }) => service.get(tenantId, id),
    }),
    route({
      ...{ method: 'patch', path: ONE, permission: 'api_key.write', status: 200, summary: 'Change an API key' },
      ...{ body: apiKeyPatch, query: noQuery, answer: apiKeyRecord },
      handle: ({ tenantId, id, caller, body }) => service.update({ tenantId, id, caller }, body),
    }),
    route({
      ...{ method: 'post', path: `${ONE}/rotate`, permission: 'api_key.write', status: 201 },
      summary: 'Issue a new secret; the one before goes on working for a while',
      ...{ body: apiKeyRotate, query: noQuery, answer: apiKeyCreated },
      handle: ({ tenantId, id, caller, body }) => service.rotate({ tenantId, id, caller }, body),
    }),
    route({
      ...{ method: 'delete', path: ONE, permission: 'api_key.write', status: 204, summary: 'Revoke an API key' },
      ...{ body: noBody, query: noQuery },
      handle: ({ tenantId, id, caller }) => service.revoke({ tenantId, id, caller }),
    }),
  ]
}
