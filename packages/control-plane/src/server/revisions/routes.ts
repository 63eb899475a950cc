import { z } from 'zod'
import { validate } from '../../http/validation.js'
import { policySetApplied } from '../policy-set/document/schema.js'
import type { PolicySetService } from '../policy-set/document/service.js'
import { pageOf, pageQuery } from '../resources/routes.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { revisionRecord } from './schema.js'
import type { RevisionStore } from './store.js'

const revisionNumber = z.coerce.number().int('must be a revision number').min(1, 'must be a revision number')

export function revisionRoutes(revisions: RevisionStore, policySet: PolicySetService): readonly Route[] {
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
    route({
      ...{ method: 'post', path: '/tenants/:tenant_id/revisions/:id/restore', permission: 'resource.write' },
      status: 200,
      summary: 'Make policies, and what they need, what they were at a revision',
      ...{ body: noBody, query: noQuery, answer: policySetApplied },
      handle: ({ tenantId, caller, id }) => policySet.restore({ tenantId, caller }, validate(revisionNumber, id)),
    }),
  ]
}
