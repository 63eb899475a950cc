import { DomainError } from '../../http/problem.js'
import { pageOf, pageQuery } from '../resources/routes.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { auditRecord } from './schema.js'
import type { AuditStore } from './store.js'

const ALL = '/tenants/:tenant_id/audit'

/** Reading is all there is: no route adds, changes or removes an entry. */
export function auditRoutes(audit: AuditStore): readonly Route[] {
  return [
    route({
      ...{ method: 'get', path: ALL, permission: 'audit.read', status: 200, summary: 'Who changed what, newest first' },
      ...{ body: noBody, query: pageQuery, answer: pageOf(auditRecord) },
      handle: ({ tenantId, query }) => audit.page(tenantId, query),
    }),
    route({
      ...{ method: 'get', path: `${ALL}/:id`, permission: 'audit.read', status: 200, summary: 'Show an audit entry' },
      ...{ body: noBody, query: noQuery, answer: auditRecord },
      handle: async ({ tenantId, id }) => {
        const entry = await audit.find(tenantId, id)
        if (entry === undefined) throw new DomainError('not_found', 'This tenant has no audit entry with this id.')
        return entry
      },
    }),
  ]
}
