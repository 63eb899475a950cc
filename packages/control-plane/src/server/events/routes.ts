import { noBody, type Route, route } from '../routing/route.js'
import { eventPage, eventQuery, eventRecord, eventsQuery } from './schema.js'
import { type EventService, toEventRecord } from './service.js'

const ALL = '/tenants/:tenant_id/events'

export function eventRoutes(events: EventService): readonly Route[] {
  return [
    route({
      ...{ method: 'get', path: ALL, permission: 'event.read', status: 200, summary: 'Events, newest first' },
      ...{ body: noBody, query: eventsQuery, answer: eventPage },
      handle: ({ tenantId, query }) => events.list(tenantId, query),
    }),
    route({
      ...{ method: 'get', path: `${ALL}/:id`, permission: 'event.read', status: 200, summary: 'Show an event' },
      ...{ body: noBody, query: eventQuery, answer: eventRecord },
      handle: async ({ tenantId, id, query }) =>
        toEventRecord(await events.find({ tenantId, eventId: id, observedAt: query.observed_at })),
    }),
  ]
}
