import { z } from 'zod'
import type { IngestionClient } from '../../clients/ingestion-client.js'
import type { StoredEvent } from '../../contract/ingestion.js'
import { pageOf } from '../resources/routes.js'
import { isoSpan, spanOf } from '../results/span.js'
import { noBody, noQuery, type Route, route } from '../routing/route.js'
import { pageQueryShape, sourceIdShape, spanQueryShape } from '../shapes.js'
import type { TenantService } from '../tenants/service.js'
import { type EventRecord, eventRecord } from './schema.js'

const eventsQuery = z.strictObject({ ...pageQueryShape, ...spanQueryShape, source_id: sourceIdShape.optional() })
const ALL = '/tenants/:tenant_id/events'

export interface EventRoutesOptions {
  readonly broker: IngestionClient
  readonly tenants: TenantService
  readonly now: () => number
}

/** Events as the ingestion broker keeps them, with credentials hashed whoever sent them. */
export function eventRoutes({ broker, tenants, now }: EventRoutesOptions): readonly Route[] {
  const clearCookiesOf = async (tenantId: string) => (await tenants.get(tenantId)).clear_cookies
  return [
    route({
      ...{ method: 'get', path: ALL, permission: 'event.read', status: 200, summary: 'Events, newest first' },
      ...{ body: noBody, query: eventsQuery, answer: pageOf(eventRecord) },
      handle: async ({ tenantId, query }) => {
        const span = spanOf(query, now())
        const { limit, cursor, source_id: sourceId } = query
        const clearCookies = await clearCookiesOf(tenantId)
        const page = await broker.events({ tenantId, ...span, sourceId, cursor, limit, clearCookies })
        return { items: page.items.map(toRecord), next_cursor: page.next_cursor, ...isoSpan(span) }
      },
    }),
    route({
      ...{ method: 'get', path: `${ALL}/:id`, permission: 'event.read', status: 200, summary: 'Show an event' },
      ...{ body: noBody, query: noQuery, answer: eventRecord },
      handle: async ({ tenantId, id }) =>
        toRecord(await broker.event({ tenantId, eventId: id, clearCookies: await clearCookiesOf(tenantId) })),
    }),
  ]
}

function toRecord(event: StoredEvent): EventRecord {
  const { event_id, tenant_id, source_id, batch_id, observed_at, received_at, fields, decision } = event
  return {
    ...{ event_id, tenant_id, source_id, batch_id },
    observed_at: new Date(observed_at).toISOString(),
    received_at: new Date(received_at).toISOString(),
    fields: { ...fields },
    decision: decision === undefined ? null : eventRecord.shape.decision.parse(decision),
  }
}
