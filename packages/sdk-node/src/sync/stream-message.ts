import type { KeyObject } from 'node:crypto'
import {
  equalText,
  type MitigationDelta,
  type MitigationPage,
  PAGE_MAC_EVENT,
  type StreamEventName,
  type StreamEvents,
  streamMacText,
} from '@esper/core'
import { mac } from '../platform/crypto.js'
import { type ServerSentEvent, StreamBroken } from './sse.js'

/** A stream event that is what the server sent. */
export type StreamMessage = {
  readonly [N in StreamEventName]: { readonly name: N; readonly data: StreamEvents[N] }
}[StreamEventName]

/** Whose stream it is, and the key its MACs are checked with. */
export interface StreamIdentity {
  readonly tenantId: string
  readonly sourceId: string
  readonly key: KeyObject
}

const object = (value: unknown): value is object => typeof value === 'object' && value !== null
const count = (value: object, name: string): boolean => Number.isSafeInteger(Reflect.get(value, name))
const text = (value: object, name: string): boolean => typeof Reflect.get(value, name) === 'string'

function isDelta(value: unknown): value is MitigationDelta {
  if (!object(value)) return false
  const kind: unknown = Reflect.get(value, 'kind')
  const held: unknown = Reflect.get(value, kind === 'upsert' ? 'mitigation' : 'removal')
  if (!object(held) || !text(held, 'policy_id') || !text(held, 'entity_key') || !count(held, 'sequence')) return false
  if (kind === 'remove') return text(held, 'active_mitigation_id')
  return (
    kind === 'upsert' && text(held, 'active_mitigation_id') && count(held, 'expires_at') && text(held, 'mitigation_id')
  )
}

const isHello = (value: unknown): value is StreamEvents['hello'] =>
  object(value) && count(value, 'revision') && count(value, 'cursor')
const isBundle = (value: unknown): value is StreamEvents['bundle'] => object(value) && count(value, 'revision')
const isBeat = (value: unknown): value is StreamEvents['heartbeat'] => object(value) && count(value, 'server_time')
const isFallback = (value: unknown): value is StreamEvents['fallback'] => object(value) && count(value, 'poll_seconds')

function typed(name: string, data: unknown): StreamMessage | undefined {
  if (name === 'hello' && isHello(data)) return { name, data }
  if (name === 'bundle' && isBundle(data)) return { name, data }
  if (name === 'mitigation' && isDelta(data)) return { name, data }
  if (name === 'heartbeat' && isBeat(data)) return { name, data }
  if (name === 'fallback' && isFallback(data)) return { name, data }
  return undefined
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new StreamBroken('malformed')
  }
}

const NAMES: readonly StreamEventName[] = ['hello', 'bundle', 'mitigation', 'heartbeat', 'fallback']

/**
 * Checks the MAC of a stream event and reads it. Events of names to come are skipped.
 * @throws StreamBroken when the MAC does not hold or the data is not what the name says: the stream must end
 */
export function readStreamEvent(event: ServerSentEvent, identity: StreamIdentity): StreamMessage | undefined {
  const name = NAMES.find((each) => each === event.event)
  if (name === undefined) return undefined
  const space = event.data.indexOf(' ')
  const json = event.data.slice(space + 1)
  const { tenantId, sourceId, key } = identity
  const expected = mac(key, streamMacText({ tenantId, sourceId, event: name, id: event.id, json }))
  if (space === -1 || !equalText(expected, event.data.slice(0, space))) throw new StreamBroken('bad_mac')
  const message = typed(name, parseJson(json))
  if (message === undefined) throw new StreamBroken('malformed')
  return message
}

/**
 * Checks the MAC of a page of deltas and reads it.
 * @throws StreamBroken as above
 */
export function readMitigationPage(
  page: { readonly since: number; readonly json: string; readonly mac: string | undefined },
  identity: StreamIdentity,
): MitigationPage {
  const { tenantId, sourceId, key } = identity
  const text = streamMacText({ tenantId, sourceId, event: PAGE_MAC_EVENT, id: String(page.since), json: page.json })
  if (page.mac === undefined || !equalText(mac(key, text), page.mac)) throw new StreamBroken('bad_mac')
  const value = parseJson(page.json)
  if (!isPage(value)) throw new StreamBroken('malformed')
  return value
}

function isPage(value: unknown): value is MitigationPage {
  if (!object(value) || !count(value, 'cursor')) return false
  const deltas: unknown = Reflect.get(value, 'deltas')
  return Array.isArray(deltas) && deltas.every(isDelta) && typeof Reflect.get(value, 'full') === 'boolean'
}
