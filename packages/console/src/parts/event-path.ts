import { query } from '../api/client.js'
import type { EventRecord } from '../api/types.js'

/** Where an event opens; its time lets the server find it at once. */
export function eventPath({ event_id, observed_at }: Pick<EventRecord, 'event_id' | 'observed_at'>): string {
  return `traffic/${encodeURIComponent(event_id)}${query({ observed_at })}`
}
