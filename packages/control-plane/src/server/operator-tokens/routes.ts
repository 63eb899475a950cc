import { pageOf, pageQuery } from '../resources/routes.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { operatorTokenCreate, operatorTokenCreated, operatorTokenRecord } from './schema.js'
import type { OperatorTokenService } from './service.js'

const ALL = '/tenants/:tenant_id/operator-tokens'
const ONE = `${ALL}/:id`
const READ = 'operator_token.read'
const WRITE = 'operator_token.write'

export function operatorTokenRoutes(service: OperatorTokenService): readonly Route[] {
  return [
    route({
      ...{ method: 'get', path: ALL, permission: READ, status: 200, summary: 'List the operator tokens' },
      ...{ body: noBody, query: pageQuery, answer: pageOf(operatorTokenRecord) },
      handle: ({ tenantId, query }) => service.list(tenantId, query),
    }),
    route({
      ...{ method: 'post', path: ALL, permission: WRITE, status: 201, summary: 'Issue an operator token' },
      ...{ body: operatorTokenCreate, query: noQuery, answer: operatorTokenCreated },
      handle: ({ tenantId, caller, body }) => service.create({ tenantId, caller }, body),
    }),
    route({
      ...{ method: 'get', path: ONE, permission: READ, status: 200, summary: 'Show an operator token' },
      ...{ body: noBody, query: noQuery, answer: operatorTokenRecord },
      handle: ({ tenantId, id }) => service.get(tenantId, id),
    }),
    route({
      ...{ method: 'delete', path: ONE, permission: WRITE, status: 204, summary: 'Revoke an operator token' },
      ...{ body: noBody, query: noQuery },
      handle: ({ tenantId, id, caller }) => service.revoke({ tenantId, id, caller }),
    }),
  ]
}
