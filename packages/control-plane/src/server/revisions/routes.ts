import { pageOf, pageQuery } from '../resources/routes.js'
import { noBody, type Route, route } from '../routing/route.js'
import { revisionRecord } from './schema.js'
import type { RevisionStore } from './store.js'

export function revisionRoutes(revisions: RevisionStore): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/tenants/:tenant_id/revisions',
      permission: 'resource.read',
      status: 200,
      summary: 'Policy set revisions, newest first',
      body: noBody,
      query: pageQuery,
      answer: pageOf(revisionRecord),
      handle: ({ tenantId, query }) => revisions.page(tenantId, query),
    }),
  ]
}
