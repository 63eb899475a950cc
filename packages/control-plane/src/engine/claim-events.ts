import { createHmac } from 'node:crypto'
import {
  type Captured,
  type CountingScope,
  countingScope,
  type EntityTuple,
  type EventLine,
  entityKey,
  type Fields,
} from '@esper/core'
import { parseBatch } from '../batch-format/parse-batch.js'
import { placeEvent } from '../batch-format/place-event.js'
import type { ClaimedBatch } from '../contract/ingestion.js'
import type { ScopeSecrets } from './policy-source.js'

/** An event of a claim as it is decided: redacted, its sender's place set by the server, its time bounded. */
export interface ClaimEvent {
  readonly tenantId: string
  readonly sourceId: string
  readonly context: ScopeContext
  readonly at: number
  readonly event: EventLine
  readonly fields: Fields
  /** Bundle revision whose demand it was captured under; 0 for none. */
  readonly capturedRevision: number
  /** What it was captured with, when its sender says so itself. */
  readonly captured: Captured | undefined
}

/** Something that was counted besides events, at a minute. */
export interface CounterHit {
  readonly at: number
  readonly name: string
  readonly value: number
}

export interface ReadClaim {
  /** In the order of their time; those of one time in the order of arrival. */
  readonly events: readonly ClaimEvent[]
  readonly counters: readonly CounterHit[]
}

/** What belongs to one counting scope during a claim. */
export class ScopeContext {
  readonly scope: CountingScope
  readonly #secrets: ScopeSecrets
  readonly #keys = new Map<string, string>()

  constructor(scope: CountingScope, secrets: ScopeSecrets) {
    this.scope = scope
    this.#secrets = secrets
  }

  keyOf(entity: EntityTuple | undefined): string {
    return entityKey((text) => this.#entityMac(text), entity)
  }

  #entityMac(text: string): string {
    const known = this.#keys.get(text)
    if (known !== undefined) return known
    const key = createHmac('sha256', this.#secrets.entity).update(text).digest('base64url')
    this.#keys.set(text, key)
    return key
  }

  redact(value: string): string {
    return createHmac('sha256', this.#secrets.redaction).update(value).digest('base64url')
  }
}

export interface ReadOptions {
  readonly contexts: ReadonlyMap<CountingScope, ScopeContext>
  readonly clearCookies: readonly string[]
}

export function scopeOf(batch: ClaimedBatch): CountingScope {
  return countingScope(batch.trust_level, batch.source_id)
}

/** Reads the batches of a claim. Bad lines are counted by reason and never stop the others. */
export function readClaim(batches: readonly ClaimedBatch[], options: ReadOptions): ReadClaim {
  const events: ClaimEvent[] = []
  const counters: CounterHit[] = []
  for (const batch of batches) {
    const context = options.contexts.get(scopeOf(batch))
    if (context === undefined) continue
    const parsed = parseBatch(Buffer.from(batch.body, 'base64'), batch.content_encoding)
    for (const [reason, value] of parsed.bad) {
      counters.push({ at: batch.received_at, name: `bad_event:${reason}`, value })
    }
    const { revision: capturedRevision = 0, captured } = parsed.header ?? {}
    for (const event of parsed.events) {
      const placedEvent = placed(batch, event, { context, clearCookies: options.clearCookies })
      events.push({ ...placedEvent, capturedRevision, captured })
    }
  }
  return { events: events.sort((one, other) => one.at - other.at), counters }
}

function placed(
  batch: ClaimedBatch,
  event: EventLine,
  { context, clearCookies }: { readonly context: ScopeContext; readonly clearCookies: readonly string[] },
): Omit<ClaimEvent, 'capturedRevision' | 'captured'> {
  const { at, fields } = placeEvent(batch, event, { clearCookies, redact: (value) => context.redact(value) })
  return { tenantId: batch.tenant_id, sourceId: batch.source_id, context, at, event, fields }
}
