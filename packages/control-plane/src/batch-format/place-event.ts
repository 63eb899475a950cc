import { type EventLine, type Fields, LIMITS, redactForeignFields, type TrustLevel } from '@esper/core'

/** What the server knows of a batch, whatever its sender says. */
export interface EventPlace {
  readonly source_id: string
  readonly trust_level: TrustLevel
  readonly received_at: number
}

export interface PlaceOptions {
  readonly clearCookies: readonly string[]
  readonly redact: (value: string) => string
}

export interface PlacedEvent {
  readonly at: number
  readonly fields: Fields
}

/** An event as Esper decides and shows it: credentials hashed, and its source, trust and time never the sender's say. */
export function placeEvent(place: EventPlace, event: EventLine, options: PlaceOptions): PlacedEvent {
  const { source_id, trust_level, received_at } = place
  const at = boundedTime(event.observed_at, received_at)
  const safe = redactForeignFields(event.fields, options)
  return { at, fields: { ...safe, source_id, trust_level, observed_at: at } }
}

/** A time further ahead than a clock may be wrong is taken for the time of arrival. */
function boundedTime(observedAt: number, receivedAt: number): number {
  return observedAt > receivedAt + LIMITS.signatureFutureSeconds * 1_000 ? receivedAt : observedAt
}
