import { pageOf, pageQuery } from '../resources/routes.js'
import { noBody, type Route, route } from '../routing/route.js'
import { auditRecord } from './schema.js'
import type { AuditStore } from './store.js'

export function auditRoutes(audit: AuditStore): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/tenants/:tenant_id/audit',
      permission: 'audit.read',
      status: 200,
      summary: 'Who changed what, newest first',
      body: noBody,
      query: pageQuery,
      answer: pageOf(auditRecord),
      handle: ({ tenantId, query }) => audit.page(tenantId, query),
    }),
  ]
}
