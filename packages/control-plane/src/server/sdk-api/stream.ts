import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type MitigationDelta, type StreamEventName, type StreamEvents, streamMacText } from '@esper/core'
import type { MitigationClient } from '../../clients/mitigation-client.js'
import { type EventStream, openEventStream } from '../../http/event-stream.js'
import type { Logger } from '../../observability/logger.js'
import type { LiveApiKey, SdkApiDeps } from '../sdk-api-contract.js'
import { DeltaFollower } from './delta-follower.js'
import type { MitigationHub } from './mitigation-hub.js'

export interface StreamServerOptions extends SdkApiDeps {
  readonly mitigation: Pick<MitigationClient, 'deltas'>
  readonly hub: MitigationHub
  readonly stopping: AbortSignal
  readonly logger: Logger
  readonly now: () => number
  readonly heartbeatMs: number
  /** Streams this process serves; whoever comes beyond that is asked to poll. */
  readonly maxStreams: number
}

export interface StreamRequest {
  readonly key: LiveApiKey
  readonly since: number
  /** What the SDK says of itself, if it does. */
  readonly sdk?: { readonly instanceId: string; readonly name: string; readonly revision: number } | undefined
}

const POLL_SECONDS = 15

/** Serves `GET /v1/stream` to all SDKs of this process. */
export class StreamServer {
  readonly #options: StreamServerOptions
  readonly #revisions = new Map<string, number>()
  #open = 0

  constructor(options: StreamServerOptions) {
    this.#options = options
  }

  get open(): number {
    return this.#open
  }

  /** What an instance said last of the revision it works with. */
  noteRevision(instanceId: string, revision: number): void {
    if (this.#revisions.has(instanceId)) this.#revisions.set(instanceId, revision)
  }

  async serve(response: ServerResponse, request: StreamRequest): Promise<void> {
    const latest = await this.#options.bundles.latestRevision(request.key.tenant_id)
    const sse = openEventStream(response)
    const stream = new SignedStream(sse, request.key)
    if (this.#open >= this.#options.maxStreams) {
      stream.send('fallback', { poll_seconds: POLL_SECONDS })
      sse.close()
      return
    }
    this.#open += 1
    const leave = this.#attach(stream, request)
    sse.closed.addEventListener('abort', () => {
      this.#open -= 1
      for (const one of leave) one()
    })
    stream.send('hello', { revision: latest, cursor: request.since, server_time: this.#options.now() })
    this.#sight(request)
    await this.#follow(stream, request, leave)
  }

  /** Everything that must be let go of when the stream ends. */
  #attach(stream: SignedStream, request: StreamRequest): (() => void)[] {
    const { apiKeys, bundles, stopping, heartbeatMs } = this.#options
    const { key } = request
    const close = () => stream.close()
    stopping.addEventListener('abort', close, { once: true })
    if (request.sdk !== undefined) this.#revisions.set(request.sdk.instanceId, request.sdk.revision)
    const heartbeat = setInterval(() => void this.#beat(stream, request), heartbeatMs)
    return [
      () => stopping.removeEventListener('abort', close),
      () => clearInterval(heartbeat),
      () => void this.#revisions.delete(request.sdk?.instanceId ?? ''),
      apiKeys.onRevoked((apiKeyId) => {
        if (apiKeyId === key.api_key_id) close()
      }),
      bundles.onRevision(({ tenant_id, revision }) => {
        if (tenant_id === key.tenant_id) stream.send('bundle', { revision })
      }),
    ]
  }

  /** Mitigations from the cursor on, of the key's counting scope alone. */
  async #follow(stream: SignedStream, { key, since }: StreamRequest, leave: (() => void)[]): Promise<void> {
    const { mitigation, hub, logger } = this.#options
    const { tenant_id: tenantId, counting_scope: scope } = key
    const follower = new DeltaFollower({
      scope,
      since,
      page: (after) => mitigation.deltas({ tenantId, scope, since: after }),
      send: (delta: MitigationDelta, sequence) => stream.send('mitigation', delta, String(sequence)),
      onLost: () => stream.close(),
    })
    leave.push(hub.subscribe(tenantId, follower))
    try {
      await follower.catchUp()
    } catch (error) {
      logger.info({ err: error }, 'a stream could not be brought up to date; its SDK comes back')
      stream.close()
    }
  }

  /** A key that expires says so to nobody: each beat asks again whether it is live. */
  async #beat(stream: SignedStream, request: StreamRequest): Promise<void> {
    const { api_key_id, version } = request.key
    try {
      if ((await this.#options.apiKeys.lookup(api_key_id, version)) === undefined) {
        stream.close()
        return
      }
    } catch (error) {
      this.#options.logger.info({ err: error }, 'an API key could not be looked up; its stream goes on')
    }
    stream.send('heartbeat', { server_time: this.#options.now() })
    this.#sight(request)
  }

  #sight({ key, sdk }: StreamRequest): void {
    if (sdk === undefined) return
    const { tenant_id, source_id } = key
    const revision = this.#revisions.get(sdk.instanceId) ?? sdk.revision
    const at = this.#options.now()
    this.#options.reportSdk({
      tenant_id,
      source_id,
      instance_id: sdk.instanceId,
      sdk: sdk.name,
      revision,
      by: 'sync',
      at,
    })
  }
}

/** Puts a MAC before every event, under the key of the SDK that reads it. */
class SignedStream {
  readonly #sse: EventStream
  readonly #key: LiveApiKey

  constructor(sse: EventStream, key: LiveApiKey) {
    this.#sse = sse
    this.#key = key
  }

  send<N extends StreamEventName>(event: N, data: StreamEvents[N], id = ''): void {
    const { tenant_id: tenantId, source_id: sourceId, keys } = this.#key
    const json = JSON.stringify(data)
    const text = streamMacText({ tenantId, sourceId, event, id, json })
    const mac = createHmac('sha256', keys.streamMac).update(text).digest('base64url')
    this.#sse.send({ event, data: `${mac} ${json}`, id: id === '' ? undefined : id })
  }

  close(): void {
    this.#sse.close()
  }
}
