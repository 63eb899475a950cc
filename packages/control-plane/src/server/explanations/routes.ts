import { eventQuery } from '../events/schema.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { draftExplanation, draftMatches, eventExplanation, explainDraft, explainQuery } from './schema.js'
import type { ExplanationService } from './service.js'

const ONE = '/tenants/:tenant_id/events/:id/explain'

export function explanationRoutes(explanations: ExplanationService): readonly Route[] {
  return [
    route({
      ...{ method: 'get', path: ONE, permission: 'event.read', status: 200 },
      summary: 'Why each policy did or did not hold for an event',
      ...{ body: noBody, query: explainQuery, answer: eventExplanation },
      handle: ({ tenantId, id, query }) =>
        explanations.explain({ tenantId, eventId: id, observedAt: query.observed_at }, query),
    }),
    route({
      ...{ method: 'post', path: ONE, permission: 'event.read', status: 200 },
      summary: 'What a policy or expression would say to an event, without saving anything',
      ...{ body: explainDraft, query: eventQuery, answer: draftExplanation },
      handle: ({ tenantId, id, query, body }) =>
        explanations.explainDraft({ tenantId, eventId: id, observedAt: query.observed_at }, body),
    }),
    route({
      ...{ method: 'post', path: '/tenants/:tenant_id/events/match', permission: 'event.read', status: 200 },
      summary: 'How many of the newest events a policy or expression would match, without saving anything',
      ...{ body: explainDraft, query: noQuery, answer: draftMatches },
      handle: ({ tenantId, body }) => explanations.matchRecent(tenantId, body),
    }),
  ]
}
