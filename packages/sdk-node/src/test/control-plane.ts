import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { brotliDecompressSync } from 'node:zlib'
import {
  type BatchHeader,
  type Bundle,
  checkCreated,
  checkRequest,
  contentDigest,
  type EventLine,
  type MitigationDelta,
  PAGE_MAC_EVENT,
  PAGE_MAC_HEADER,
  parseSignature,
  type StreamEventName,
  type StreamEvents,
  signBundleResponse,
  streamMacText,
} from '@esper/core'
import { derivePurposeKeys, mac, type PurposeKeys } from '../platform/crypto.js'
import { bundle, type SharedKeys, sharedKeys } from './bundle-fixture.js'

export const SECRET = `esk_${'s'.repeat(43)}`
export const API_KEY_ID = 'key_test'
export const KEYID = `${API_KEY_ID}.1`

interface Stored {
  readonly header: BatchHeader
  readonly events: readonly EventLine[]
  readonly wire: string
}

/** Answers in place of the real handling; true when it did. */
export type Interference = (request: IncomingMessage, response: ServerResponse) => boolean

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

function inflated(request: IncomingMessage, body: Buffer): Buffer {
  return request.headers['content-encoding'] === 'br' ? brotliDecompressSync(body) : body
}

function reply(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify(body))
}

/**
 * A control plane small enough to read, over real HTTP: verifies every request with core's verifier, signs bundles,
 * serves the stream, stores batches once, spends challenges once. `interfere` makes it fail.
 */
export class ControlPlane {
  readonly keys: PurposeKeys = derivePurposeKeys(SECRET, API_KEY_ID)
  readonly shared: SharedKeys = sharedKeys()
  readonly batches = new Map<string, Stored>()
  /** Every call that came, as `METHOD path`, refused ones with ` -> status`. */
  readonly calls: string[] = []
  readonly redeemed = new Set<string>()
  bundle: Bundle = bundle(this.keys, this.shared)
  /** Parts of lists by their hash. */
  readonly parts = new Map<string, string>()
  deltas: readonly MitigationDelta[] = []
  cursor = 0
  interfere: Interference = () => false
  /** Changes what is signed, or the signature, of the next bundles. */
  tamper: (headers: Record<string, string>, body: string) => { headers: Record<string, string>; body: string } = (
    headers,
    body,
  ) => ({ headers, body })
  clockOffsetMs = 0
  readonly #streams = new Set<ServerResponse>()
  readonly #nonces = new Set<string>()
  #server: Server | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get events(): readonly EventLine[] {
    return [...this.batches.values()].flatMap((batch) => batch.events)
  }

  get streams(): number {
    return this.#streams.size
  }

  /** All that was received in batches, as it stood on the wire. */
  get wire(): string {
    return [...this.batches.values()].map((batch) => batch.wire).join('')
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        if (!response.headersSent) reply(response, 500, { code: 'internal', detail: String(error) })
      })
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    const address = server.address()
    if (typeof address === 'object' && address !== null) this.#port = address.port
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.cutStreams()
    server?.closeAllConnections()
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())))
  }

  /** Puts a new bundle in force and says so on the stream. */
  publish(more: Partial<Bundle>): void {
    this.bundle = { ...this.bundle, revision: this.bundle.revision + 1, ...more }
    this.send('bundle', { revision: this.bundle.revision })
  }

  /** Stores deltas and says so on the stream. */
  mitigate(deltas: readonly MitigationDelta[]): void {
    for (const delta of deltas) {
      this.deltas = [...this.deltas, delta]
      this.cursor = delta.kind === 'upsert' ? delta.mitigation.sequence : delta.removal.sequence
      this.send('mitigation', delta, String(this.cursor))
    }
  }

  send<N extends StreamEventName>(event: N, data: StreamEvents[N], id = ''): void {
    for (const stream of this.#streams) stream.write(this.#frame(event, data, id))
  }

  /** Writes to all streams what no control plane would. */
  sendRaw(text: string): void {
    for (const stream of this.#streams) stream.write(text)
  }

  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy()
    this.#streams.clear()
  }

  #frame<N extends StreamEventName>(event: N, data: StreamEvents[N], id: string): string {
    const json = JSON.stringify(data)
    const { tenant_id: tenantId, source_id: sourceId } = this.bundle
    const code = mac(this.keys.streamMac, streamMacText({ tenantId, sourceId, event, id, json }))
    return `event: ${event}\n${id === '' ? '' : `id: ${id}\n`}data: ${code} ${json}\n\n`
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const at = this.calls.push(`${request.method} ${url.pathname}`) - 1
    response.on('finish', () => {
      if (response.statusCode >= 300) this.calls[at] = `${request.method} ${url.pathname} -> ${response.statusCode}`
    })
    if (this.interfere(request, response)) return
    const body = await readBody(request)
    const refusal = this.#verify(request, url, body)
    if (refusal !== undefined) {
      const late = refusal === 'too-old' || refusal === 'too-new'
      const code = late ? 'clock_skew' : refusal === 'replay' ? 'replay' : 'signature_invalid'
      reply(response, refusal === 'replay' ? 409 : 401, { code, server_time: this.#now() })
      return
    }
    this.#route(url, { request, response, body })
  }

  #now(): number {
    return Date.now() + this.clockOffsetMs
  }

  #verify(request: IncomingMessage, url: URL, body: Buffer): string | undefined {
    const { signature: sent, 'signature-input': input } = request.headers
    const parsed = parseSignature({ signature: sent, 'signature-input': input })
    if (!parsed.ok) return parsed.code
    const { signature } = parsed
    const late = checkCreated(signature.created, Math.floor(this.#now() / 1000))
    if (late !== undefined) return late
    if (signature.keyid !== KEYID) return 'bad-signature'
    const digest = request.headers['content-digest']
    const hasBody = body.length > 0
    const failure = checkRequest({
      request: {
        method: request.method ?? '',
        authority: request.headers.host ?? '',
        path: url.pathname,
        query: url.search,
        contentDigest: typeof digest === 'string' ? digest : undefined,
        contentType: hasBody ? request.headers['content-type'] : undefined,
        contentEncoding: request.headers['content-encoding'],
      },
      signature,
      bodySha256: hasBody ? createHash('sha256').update(body).digest('base64') : undefined,
      mac: (text) => mac(this.keys.ingestSigning, text, 'base64'),
    })
    if (failure !== undefined) return failure
    if (this.#nonces.has(signature.nonce)) return 'replay'
    this.#nonces.add(signature.nonce)
    return undefined
  }

  #route(
    url: URL,
    { request, response, body }: { request: IncomingMessage; response: ServerResponse; body: Buffer },
  ): void {
    const call = `${request.method} ${url.pathname}`
    if (call === 'GET /v1/bundle') this.#sendBundle(request, response)
    else if (call.startsWith('GET /v1/lists/')) this.#sendPart(url.pathname.slice('/v1/lists/'.length), response)
    else if (call === 'GET /v1/mitigations') this.#sendPage(Number(url.searchParams.get('since')), response)
    else if (call === 'GET /v1/stream') this.#openStream(response)
    else if (call === 'POST /v1/events') this.#store(url, inflated(request, body), response)
    else if (call === 'POST /v1/challenges/redeem') this.#redeem(body, response)
    else reply(response, 404, { code: 'not-found' })
  }

  #sendBundle(request: IncomingMessage, response: ServerResponse): void {
    const body = JSON.stringify(this.bundle)
    const etag = `"${this.bundle.epoch}.${this.bundle.revision}.${this.bundle.not_after}"`
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end()
      return
    }
    const digest = contentDigest(createHash('sha256').update(body).digest('base64'))
    const contentType = 'application/json'
    const params = { created: Math.floor(this.#now() / 1000), keyid: KEYID }
    const signed = { status: 200, contentDigest: digest, contentType, etag }
    const signature = signBundleResponse(signed, params, (text) => mac(this.keys.bundleSigning, text, 'base64'))
    const sent = this.tamper({ 'content-digest': digest, 'content-type': contentType, etag, ...signature }, body)
    response.writeHead(200, sent.headers).end(sent.body)
  }

  #sendPart(sha256: string, response: ServerResponse): void {
    const part = this.parts.get(sha256)
    if (part === undefined) reply(response, 404, { code: 'not_found' })
    else response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(part)
  }

  #sendPage(since: number, response: ServerResponse): void {
    const after = (delta: MitigationDelta) =>
      (delta.kind === 'upsert' ? delta.mitigation.sequence : delta.removal.sequence) > since
    const json = JSON.stringify({ deltas: this.deltas.filter(after), cursor: this.cursor, full: since === 0 })
    const { tenant_id: tenantId, source_id: sourceId } = this.bundle
    const text = streamMacText({ tenantId, sourceId, event: PAGE_MAC_EVENT, id: String(since), json })
    response
      .writeHead(200, { 'content-type': 'application/json', [PAGE_MAC_HEADER]: mac(this.keys.streamMac, text) })
      .end(json)
  }

  #openStream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
    const hello = { revision: this.bundle.revision, cursor: this.cursor, server_time: this.#now() }
    response.write(this.#frame('hello', hello, ''))
  }

  #store(url: URL, body: Buffer, response: ServerResponse): void {
    const batchId = url.searchParams.get('batch_id') ?? ''
    const wire = body.toString('utf8')
    const [header, ...events] = wire
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    if (events.length !== Number(url.searchParams.get('events'))) {
      reply(response, 422, { code: 'events-mismatch' })
      return
    }
    const duplicate = this.batches.has(batchId)
    if (!duplicate) this.batches.set(batchId, { header, events, wire })
    reply(response, 202, { batch_id: batchId, accepted: events.length, duplicate })
  }

  #redeem(body: Buffer, response: ServerResponse): void {
    const { nonce } = JSON.parse(body.toString('utf8'))
    if (this.redeemed.has(nonce)) {
      reply(response, 409, { code: 'challenge_spent' })
      return
    }
    this.redeemed.add(nonce)
    reply(response, 200, { redeemed: true })
  }
}
