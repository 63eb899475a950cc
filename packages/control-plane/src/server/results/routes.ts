import { z } from 'zod'
import { noBody, type Route, route } from '../routing/route.js'
import { idShape, pageQueryShape, spanQueryShape } from '../shapes.js'
import { policyResultDetail, policyResultList, resultSeries } from './schema.js'
import type { ResultsService } from './service.js'
import { spanOf } from './span.js'

const pagedSpan = z.strictObject({ ...pageQueryShape, ...spanQueryShape })
const seriesQuery = z.strictObject({ ...spanQueryShape, policy_id: idShape.optional() })
const ALL = '/tenants/:tenant_id/results'

export function resultRoutes(service: ResultsService, now: () => number): readonly Route[] {
  return [
    route({
      ...{ method: 'get', path: `${ALL}/policies`, permission: 'results.read', status: 200 },
      summary: 'What each policy did in a span of time',
      ...{ body: noBody, query: pagedSpan, answer: policyResultList },
      handle: ({ tenantId, query }) => service.list(tenantId, spanOf(query, now()), query),
    }),
    route({
      ...{ method: 'get', path: `${ALL}/policies/:id`, permission: 'results.read', status: 200 },
      summary: 'What one policy did, with its recent decisions',
      ...{ body: noBody, query: pagedSpan, answer: policyResultDetail },
      handle: ({ tenantId, id, query }) => service.detail({ tenantId, policyId: id }, spanOf(query, now()), query),
    }),
    route({
      ...{ method: 'get', path: `${ALL}/series`, permission: 'results.read', status: 200 },
      summary: 'Events and verdicts over time',
      ...{ body: noBody, query: seriesQuery, answer: resultSeries },
      handle: ({ tenantId, query }) => service.series({ tenantId, policyId: query.policy_id }, spanOf(query, now())),
    }),
  ]
}
