import { createHmac } from 'node:crypto'
import { LIMITS } from '@esper/core'
import { inflateBatch } from '../batch-format/inflate.js'
import { parseBatch } from '../batch-format/parse-batch.js'
import { placeEvent } from '../batch-format/place-event.js'
import type { EventPage, StoredEvent } from '../contract/ingestion.js'
import { DomainError } from '../http/problem.js'
import type { BatchDocument } from './batch-document.js'
import type { BatchStore } from './batch-store.js'
import { openBatch } from './claims.js'
import { newestBatches } from './newest-batches.js'
import type { BatchSeal } from './seal.js'

export interface FeedOptions {
  readonly store: BatchStore
  readonly seal: BatchSeal
  /** Key of the hash that stands for credentials which a sender left in clear. */
  readonly redactionKey: (tenantId: string) => Uint8Array
  readonly now: () => number
}

export interface EventsQuery {
  readonly tenantId: string
  readonly sourceId?: string | undefined
  readonly text?: string | undefined
  readonly from: number
  readonly to: number
  readonly cursor?: string | undefined
  readonly limit: number
  /** Names of cookies that the tenant carries in clear. */
  readonly clearCookies: readonly string[]
}

/** Where a page goes on: at this batch, before this line. */
interface Position {
  readonly receivedAt: number
  readonly id: string
  readonly index: number
}

/** A page ends after this many batches even when few of their events fit: the reader goes on with the cursor. */
const BATCHES_A_PAGE = 200
/** The same in events, where only some are asked for. */
const EVENTS_A_PAGE = 20_000
/** Year 2243: not every database knows dates beyond 9999. */
const FAR_FUTURE = 8_640_000_000_000
const FUTURE_MS = LIMITS.signatureFutureSeconds * 1_000

/** Events of a span of event time by arrival, newest first. */
export async function listEvents(options: FeedOptions, query: EventsQuery): Promise<EventPage> {
  const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor)
  const items: StoredEvent[] = []
  const isWanted = wantedBy(query)
  let read = 0
  let looked = 0
  const from = Math.max(0, query.from - FUTURE_MS)
  const span = { tenantId: query.tenantId, sourceId: query.sourceId, from, to: FAR_FUTURE, before }
  for await (const batch of newestBatches(options.store, { ...span, now: options.now() })) {
    const events = eventsOf(options, batch, query.clearCookies)
    const start = before?.id === batch._id ? before.index : events.length
    for (let index = start - 1; index >= 0; index -= 1) {
      const event = events[index]
      if (event === undefined || !isWanted(event)) continue
      items.push(event)
      if (items.length === query.limit) return { items, next_cursor: encodeCursor(batch, index) }
    }
    read += 1
    looked += start
    if (read >= BATCHES_A_PAGE || looked >= EVENTS_A_PAGE) return { items, next_cursor: encodeCursor(batch, 0) }
  }
  return { items, next_cursor: null }
}

function wantedBy({ from, to, text }: EventsQuery): (event: StoredEvent) => boolean {
  const sought = text?.toLowerCase()
  const holdsSought = ({ event_id, fields: { observed_at: _at, ...fields } }: StoredEvent) =>
    sought === undefined || event_id.toLowerCase().includes(sought) || holdsText(fields, sought)
  return (event) => event.observed_at >= from && event.observed_at < to && holdsSought(event)
}

function holdsText(value: unknown, sought: string): boolean {
  if (typeof value === 'string') return value.toLowerCase().includes(sought)
  if (typeof value === 'number') return String(value).includes(sought)
  return typeof value === 'object' && value !== null && Object.values(value).some((one) => holdsText(one, sought))
}

function eventsOf(options: FeedOptions, batch: BatchDocument, clearCookies: readonly string[]): readonly StoredEvent[] {
  const { tenant_id, source_id, batch_id, trust_level } = batch
  const body = openBatch(batch, options.seal)
  const key = options.redactionKey(tenant_id)
  const redact = (value: string) => createHmac('sha256', key).update(value).digest('base64url')
  const received_at = batch.received_at.getTime()
  const { header, events } = parseBatch(body, batch.content_encoding)
  const { revision: captured_revision = 0, captured } = header ?? {}
  const place = { tenant_id, source_id, batch_id, trust_level, received_at, ...decidedOf(batch) }
  const capture = captured === undefined ? { captured_revision } : { captured_revision, captured }
  return events.map((event) => {
    const { at, fields } = placeEvent(place, event, { clearCookies, redact })
    return { ...event, ...place, ...capture, observed_at: at, fields }
  })
}

const STATES = { queued: 'waiting', leased: 'waiting', done: 'decided', dead: 'dead' } as const

function decidedOf({ state, decided_revision }: BatchDocument): Pick<StoredEvent, 'state' | 'decided_revision'> {
  return { state: STATES[state], ...(decided_revision === undefined ? {} : { decided_revision }) }
}

export interface EventQuery {
  readonly tenantId: string
  readonly eventId: string
  /** When the event was observed, if the caller knows: it is then found at once. */
  readonly observedAt?: number | undefined
  readonly clearCookies: readonly string[]
}

/** An event arrives within seconds, unless its sender could not reach us for a while. */
const SOON_MS = 20_000
const LATE_MS = 3_600_000
const BATCHES_SEARCHED = 20_000

/** One event. Batches are sealed, so without a time this reads them from the newest on. */
export async function findEvent(options: FeedOptions, query: EventQuery): Promise<StoredEvent | undefined> {
  const { observedAt: at } = query
  const near = at === undefined ? [] : [SOON_MS, LATE_MS].map((afterMs) => ({ from: at - FUTURE_MS, to: at + afterMs }))
  for (const span of [...near, { from: 0, to: FAR_FUTURE }]) {
    const found = await searchEvent(options, query, span)
    if (found !== undefined) return found
  }
  return undefined
}

async function searchEvent(
  options: FeedOptions,
  { tenantId, eventId, clearCookies }: EventQuery,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<StoredEvent | undefined> {
  let read = 0
  const span = { tenantId, from: Math.max(0, from), to }
  for await (const batch of newestBatches(options.store, { ...span, now: options.now() })) {
    if (read === BATCHES_SEARCHED) return undefined
    read += 1
    const text = inflateBatch(openBatch(batch, options.seal), batch.content_encoding)
    if (text === undefined || !Buffer.from(text).includes(`"${eventId}"`)) continue
    const event = eventsOf(options, batch, clearCookies).find((one) => one.event_id === eventId)
    if (event !== undefined) return event
  }
  return undefined
}

function encodeCursor(batch: BatchDocument, index: number): string {
  return cursorText({ receivedAt: batch.received_at.getTime(), id: batch._id, index })
}

function cursorText({ receivedAt, id, index }: Position): string {
  return Buffer.from(JSON.stringify([receivedAt, id, index])).toString('base64url')
}

function decodeCursor(cursor: string): Position {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    value = undefined
  }
  const [receivedAt, id, index] = Array.isArray(value) ? value : []
  if (typeof receivedAt !== 'number' || typeof id !== 'string' || typeof index !== 'number') {
    throw new DomainError('malformed_request', 'cursor: take it from next_cursor of the page before.')
  }
  return { receivedAt, id, index }
}
