import type { IncomingMessage, ServerResponse } from 'node:http'
import { LIMITS } from '@esper/core'
import type { IngestionClient } from '../../clients/ingestion-client.js'
import type { MitigationClient } from '../../clients/mitigation-client.js'
import { DomainError } from '../../http/problem.js'
import type { BundleSource, ListPartSource, SdkApiDeps } from '../sdk-api-contract.js'
import { acceptEvents } from './accept-events.js'
import type { OnceStore } from './once-store.js'
import { sendBundle, sendListPart, sendMitigations } from './pull.js'
import { redeem } from './redeem.js'
import { sendJson } from './sdk-problem.js'
import type { StreamRequest, StreamServer } from './stream.js'
import type { VerifiedRequest } from './verify-request.js'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly query: URLSearchParams
  readonly verified: VerifiedRequest
}

export interface SdkRoute {
  readonly method: 'GET' | 'POST'
  readonly maxBytes: number
  readonly handle: (exchange: Exchange) => Promise<void>
}

export interface SdkRouteParts {
  readonly ingestion: Pick<IngestionClient, 'accept'>
  readonly mitigation: Pick<MitigationClient, 'deltas'>
  readonly bundles: Pick<BundleSource, 'build'>
  readonly listParts: ListPartSource
  readonly reportSdk: SdkApiDeps['reportSdk']
  readonly streams: StreamServer
  readonly spent: Pick<OnceStore, 'take'>
  readonly now: () => number
}

const NO_BODY_BYTES = 1_024
const LIST_PARTS = '/v1/lists/'
const LIST_PART = `${LIST_PARTS}{sha256}`

/** The route of a path, under the path that routes are counted by. */
export function routeOf(routes: Readonly<Record<string, SdkRoute>>, path: string): [string, SdkRoute | undefined] {
  const known = path.startsWith(LIST_PARTS) ? LIST_PART : path
  return Object.hasOwn(routes, known) ? [known, routes[known]] : ['none', undefined]
}

/** What SDKs may ask, by path. */
export function sdkRoutes(parts: SdkRouteParts): Readonly<Record<string, SdkRoute>> {
  const { bundles, listParts, mitigation, streams, now } = parts
  return {
    '/v1/events': { method: 'POST', maxBytes: LIMITS.batchWireBytes, handle: (exchange) => events(parts, exchange) },
    '/v1/bundle': {
      method: 'GET',
      maxBytes: NO_BODY_BYTES,
      handle: ({ request, response, verified }) =>
        sendBundle(response, bundles, { key: verified.key, ifNoneMatch: request.headers['if-none-match'], now: now() }),
    },
    [LIST_PART]: {
      method: 'GET',
      maxBytes: NO_BODY_BYTES,
      handle: ({ response, path, verified }) =>
        sendListPart(response, listParts, { key: verified.key, sha256: path.slice(LIST_PARTS.length) }),
    },
    '/v1/mitigations': {
      method: 'GET',
      maxBytes: NO_BODY_BYTES,
      handle: (exchange) => {
        noteSdk(parts, exchange)
        const { response, query, verified } = exchange
        return sendMitigations(response, mitigation, { key: verified.key, since: cursorOf(query.get('since')) })
      },
    },
    '/v1/stream': {
      method: 'GET',
      maxBytes: NO_BODY_BYTES,
      handle: (exchange) => streams.serve(exchange.response, streamRequest(exchange)),
    },
    '/v1/challenges/redeem': {
      method: 'POST',
      maxBytes: LIMITS.challengeBodyBytes,
      handle: async ({ response, verified }) => sendJson(response, 200, await redeem(parts, verified)),
    },
  }
}

async function events(
  { ingestion, reportSdk, now }: SdkRouteParts,
  { request, response, query, verified }: Exchange,
): Promise<void> {
  const { headers } = request
  const prefer = headers.prefer
  const receipt = await acceptEvents(
    { ingestion, reportSdk, now },
    {
      ...verified,
      query,
      contentType: headers['content-type'],
      contentEncoding: headers['content-encoding'],
      strict: typeof prefer === 'string' && /(?:^|[,;\s])handling=strict(?:$|[,;\s])/.test(prefer),
    },
  )
  sendJson(response, 202, receipt)
}

function streamRequest(exchange: Exchange): StreamRequest {
  const { request, query, verified } = exchange
  const resume = request.headers['last-event-id']
  const since = cursorOf(typeof resume === 'string' ? resume : query.get('since'))
  return { key: verified.key, since, sdk: sdkOf(exchange) }
}

/** A poller says which revision it works with when it asks for mitigations; one with a stream after each new bundle. */
function noteSdk({ streams, reportSdk, now }: SdkRouteParts, exchange: Exchange): void {
  const sdk = sdkOf(exchange)
  if (sdk === undefined) return
  const { tenant_id, source_id } = exchange.verified.key
  const { instanceId, name, revision } = sdk
  streams.noteRevision(instanceId, revision)
  reportSdk({ tenant_id, source_id, instance_id: instanceId, sdk: name, revision, by: 'sync', at: now() })
}

function sdkOf({ request, query }: Exchange): StreamRequest['sdk'] {
  const instanceId = query.get('instance_id')
  if (instanceId === null || !/^[A-Za-z0-9_-]{1,64}$/.test(instanceId)) return undefined
  const name = (request.headers['user-agent'] ?? 'unknown').slice(0, 64)
  return { instanceId, name, revision: cursorOf(query.get('revision')) }
}

function cursorOf(text: string | null): number {
  if (text === null || text === '') return 0
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value)) throw new DomainError('malformed_request', 'since and revision are whole numbers.')
  return value
}
