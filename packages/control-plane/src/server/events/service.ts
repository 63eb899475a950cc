import type { IngestionClient } from '../../clients/ingestion-client.js'
import type { MitigationClient } from '../../clients/mitigation-client.js'
import type { StoredEvent } from '../../contract/ingestion.js'
import type { DecisionRecord } from '../../contract/mitigation.js'
import { toDecisionItem } from '../results/decision-item.js'
import { isoSpan, spanOf } from '../results/span.js'
import type { TenantService } from '../tenants/service.js'
import { type EventPage, type EventRecord, type EventsQuery, eventRecord } from './schema.js'

/** An event with every decision on it. */
export interface DecidedEvent {
  readonly event: StoredEvent
  readonly decisions: readonly DecisionRecord[]
}

export interface EventTarget {
  readonly tenantId: string
  readonly eventId: string
  /** ISO 8601; the event is then found at once. */
  readonly observedAt?: string | undefined
}

export interface EventService {
  list(tenantId: string, query: EventsQuery): Promise<EventPage>
  /** The newest events of the last day, without their decisions. */
  newest(tenantId: string, limit: number): Promise<readonly StoredEvent[]>
  /** Rejects with `not_found`. `clearCookies` in place of the tenant's of today. */
  find(target: EventTarget, clearCookies?: readonly string[]): Promise<DecidedEvent>
}

export interface EventServiceOptions {
  readonly ingestion: IngestionClient
  readonly mitigation: MitigationClient
  readonly tenants: TenantService
  readonly now: () => number
}

/** Pages of the broker that one call looks through for events with certain decisions, and how long it goes on doing so. */
const MOST_ROUNDS = 20
const LOOK_MS = 2_000

/** Events as the ingestion broker keeps them, credentials hashed whoever sent them, with what the engine decided. */
export function createEventService({ ingestion, mitigation, tenants, now }: EventServiceOptions): EventService {
  const clearCookiesOf = async (tenantId: string) => (await tenants.get(tenantId)).clear_cookies

  async function decided(tenantId: string, events: readonly StoredEvent[]): Promise<readonly DecidedEvent[]> {
    const byEvent = new Map<string, DecisionRecord[]>()
    for (const decision of await mitigation.decisionsOf(tenantId, events)) {
      const name = nameOf(decision)
      byEvent.set(name, [...(byEvent.get(name) ?? []), decision])
    }
    return events.map((event) => ({ event, decisions: byEvent.get(nameOf(event)) ?? [] }))
  }

  return {
    list: async (tenantId, query) => {
      const span = spanOf(query, now())
      const { limit, source_id: sourceId, text } = query
      const asked = { tenantId, ...span, sourceId, text, clearCookies: await clearCookiesOf(tenantId) }
      const items: EventRecord[] = []
      const until = Date.now() + LOOK_MS
      let cursor = query.cursor
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        const page = await ingestion.events({ ...asked, cursor, limit: limit - items.length })
        const found = await decided(tenantId, page.items)
        items.push(...found.filter((one) => isWanted(one, query)).map(toEventRecord))
        cursor = page.next_cursor ?? undefined
        const goesOn = asksForDecisions(query) && items.length <= limit / 2 && Date.now() < until
        if (cursor === undefined || !goesOn) break
      }
      return { items, next_cursor: cursor ?? null, ...isoSpan(span) }
    },
    newest: async (tenantId, limit) => {
      const clearCookies = await clearCookiesOf(tenantId)
      return (await ingestion.events({ tenantId, ...spanOf({}, now()), limit, clearCookies })).items
    },
    find: async ({ tenantId, eventId, observedAt }, clearCookies) => {
      const event = await ingestion.event({
        tenantId,
        eventId,
        observedAt: observedAt === undefined ? undefined : Date.parse(observedAt),
        clearCookies: clearCookies ?? (await clearCookiesOf(tenantId)),
      })
      const [found] = await decided(tenantId, [event])
      return found ?? { event, decisions: [] }
    },
  }
}

function nameOf({ source_id, event_id, observed_at }: StoredEvent | DecisionRecord): string {
  return JSON.stringify([source_id, event_id, observed_at])
}

function asksForDecisions({ outcome, policy_id }: EventsQuery): boolean {
  return outcome !== undefined || policy_id !== undefined
}

function isWanted({ event, decisions }: DecidedEvent, query: EventsQuery): boolean {
  const { outcome, policy_id: policyId } = query
  if (!asksForDecisions(query)) return true
  if (outcome === 'none') return policyId === undefined && event.state === 'decided' && decisions.length === 0
  return decisions.some(
    (one) => one.outcome === (outcome ?? one.outcome) && one.policy_id === (policyId ?? one.policy_id),
  )
}

export function toEventRecord({ event, decisions }: DecidedEvent): EventRecord {
  const { event_id, tenant_id, source_id, batch_id, observed_at, received_at, state, fields, decision } = event
  return {
    ...{ event_id, tenant_id, source_id, batch_id },
    observed_at: new Date(observed_at).toISOString(),
    received_at: new Date(received_at).toISOString(),
    state,
    fields: { ...fields },
    decision: decision === undefined ? null : eventRecord.shape.decision.parse(decision),
    decisions: decisions.map(toDecisionItem),
  }
}
