import type { MitigationDelta } from './mitigation.js'

/**
 * Events of `GET /v1/stream`. On the wire the `data` line is `<mac> <json>`: the MAC is HMAC-SHA256 under the API key's
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
