import { pageOf, pageQuery } from '../resources/routes.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { tenantCreate, tenantPatch, tenantRecord } from './schema.js'
import type { TenantService } from './service.js'

const ONE = '/tenants/:tenant_id'

export function tenantRoutes(service: TenantService): readonly Route[] {
  return [
    route({
      ...{ method: 'get', path: '/tenants', permission: 'signed_in', status: 200, summary: 'List your tenants' },
      ...{ body: noBody, query: pageQuery, answer: pageOf(tenantRecord) },
      handle: ({ caller, query }) => service.list(caller, query),
    }),
    route({
      ...{ method: 'post', path: '/tenants', permission: 'signed_in', status: 201, summary: 'Create a tenant' },
      ...{ body: tenantCreate, query: noQuery, answer: tenantRecord },
      handle: ({ caller, body }) => service.create(caller, body),
    }),
    route({
      ...{ method: 'get', path: ONE, permission: 'tenant.read', status: 200, summary: 'Show the tenant' },
      ...{ body: noBody, query: noQuery, answer: tenantRecord },
      handle: ({ tenantId }) => service.get(tenantId),
    }),
    route({
      ...{ method: 'patch', path: ONE, permission: 'tenant.update', status: 200, summary: 'Change the tenant' },
      ...{ body: tenantPatch, query: noQuery, answer: tenantRecord },
      handle: ({ tenantId, caller, body }) => service.update({ tenantId, caller }, body),
    }),
    route({
      ...{ method: 'delete', path: ONE, permission: 'tenant.delete', status: 204, summary: 'Delete the tenant' },
      ...{ body: noBody, query: noQuery },
      handle: ({ tenantId, caller }) => service.remove({ tenantId, caller }),
    }),
  ]
}
