import { pageOf, pageQuery } from '../resources/routes.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { membershipPatch, membershipRecord, membershipUpsert } from './schema.js'
import type { MembershipService } from './service.js'

const ALL = '/tenants/:tenant_id/memberships'
const ONE = `${ALL}/:id`

export function membershipRoutes(service: MembershipService): readonly Route[] {
  return [
    route({
      ...{ method: 'get', path: ALL, permission: 'member.read', status: 200, summary: 'List the members' },
      ...{ body: noBody, query: pageQuery, answer: pageOf(membershipRecord) },
      handle: ({ tenantId, query }) => service.list(tenantId, query),
    }),
    route({
      ...{
        method: 'post',
        path: ALL,
        permission: 'member.write',
        status: 200,
        summary: 'Add a member or change a role',
      },
      ...{ body: membershipUpsert, query: noQuery, answer: membershipRecord },
      handle: ({ tenantId, caller, body }) => service.put({ tenantId, caller }, body),
    }),
    route({
      ...{ method: 'get', path: ONE, permission: 'member.read', status: 200, summary: 'Show a member' },
      ...{ body: noBody, query: noQuery, answer: membershipRecord },
      handle: ({ tenantId, id }) => service.get(tenantId, id),
    }),
    route({
      ...{
        method: 'patch',
        path: ONE,
        permission: 'member.write',
        status: 200,
        summary: 'Change the role of a member',
      },
      ...{ body: membershipPatch, query: noQuery, answer: membershipRecord },
      handle: ({ tenantId, id, caller, body }) => service.update({ tenantId, id, caller }, body),
    }),
    route({
      ...{ method: 'delete', path: ONE, permission: 'member.write', status: 204, summary: 'Remove a member' },
      ...{ body: noBody, query: noQuery },
      handle: ({ tenantId, id, caller }) => service.remove({ tenantId, id, caller }),
    }),
  ]
}
