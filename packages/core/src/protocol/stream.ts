import type { MitigationDelta } from './mitigation.js'

/**
 * Events of `GET /v1/stream?since=&instance_id=&revision=`: `hello` first, then mitigation deltas after `since`, `bundle`
 * whenever a revision is new, a `heartbeat` at least every 15 seconds. An SDK fetches `GET /v1/mitigations?since=` (a
 * `MitigationPage`, its MAC in the `esper-mac` header) before it opens the stream, and again when `hello` names a later
 * cursor. On the wire the `data` line is `<mac> <json>`: the MAC is HMAC-SHA256 under the API key's
 * `esper/stream-mac/v1` key over `tenant_id \n source_id \n event name \n id \n json`, base64url.
 */
export interface StreamEvents {
  /** First event of a stream: where it starts. */
  readonly hello: { readonly revision: number; readonly cursor: number; readonly server_time: number }
  /** A bundle of this revision can be pulled. */
  readonly bundle: { readonly revision: number }
  readonly mitigation: MitigationDelta
  readonly heartbeat: { readonly server_time: number }
  /** The server asks for polling every `poll_seconds`. */
  readonly fallback: { readonly poll_seconds: number }
}
export type StreamEventName = keyof StreamEvents

/** Header of a page of deltas that carries its MAC: `streamMacText` with event `mitigations`, `id` the `since` asked for. */
export const PAGE_MAC_HEADER = 'esper-mac'

/** Name under which a page of `GET /v1/mitigations` is authenticated. */
export const PAGE_MAC_EVENT = 'mitigations'

/** What a stream event or a page of deltas is authenticated by. */
export interface StreamMacInput {
  readonly tenantId: string
  readonly sourceId: string
  readonly event: StreamEventName | typeof PAGE_MAC_EVENT
  /** The event's `id` line; the empty string when it has none. */
  readonly id: string
  /** The JSON exactly as sent. */
  readonly json: string
}

/** The text whose HMAC-SHA256 (base64url, no padding) under `esper/stream-mac/v1` stands before the JSON. */
export function streamMacText(input: StreamMacInput): string {
  return `${input.tenantId}\n${input.sourceId}\n${input.event}\n${input.id}\n${input.json}`
}
