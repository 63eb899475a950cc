import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  Backoff,
  classifyAnswer,
  contentDigest,
  isRecord,
  KEY_PURPOSES,
  parseRetryAfter,
  type SendOutcome,
  type SignedRequest,
  signRequest,
} from '@esper/core'
import { Pool } from 'undici'

/** A batch of events as it goes out. */
export interface SourceBatch {
  /** Of a source, a batch of an id is stored once. */
  readonly batchId: string
  readonly events: number
  readonly body: string
}

export interface BatchSenderOptions {
  /** Where esper-server is. */
  readonly url: URL
  /** Id of the API key, or id and version. */
  readonly keyId: string
  readonly secret: string
  /** How long a batch may go unaccepted before it is given up. Default ten minutes. */
  readonly patienceMs?: number
  readonly retry?: { readonly baseMs: number; readonly maxMs: number }
}

/** A batch that is not accepted, whatever is tried. The message says what to do. */
export class BatchRefused extends Error {
  override readonly name = 'BatchRefused'
}

const NOTICE: Readonly<Record<string, string>> = {
  unauthorized: 'The key is not accepted. Check the key id and the secret, and that the key is not revoked',
  rejected: 'The server does not take the batch',
}
const CONNECTIONS = 2
const TIMEOUT_MS = 30_000
const PATIENCE_MS = 600_000
const RETRY = { baseMs: 500, maxMs: 30_000 }
const MAX_RESIGNS = 3

/** Sends batches as a source, signed, each again under the same id until the server has it. */
export class BatchSender {
  readonly #options: BatchSenderOptions
  readonly #keyid: string
  readonly #key: KeyObject
  readonly #pool: Pool
  #clockOffsetMs = 0

  constructor(options: BatchSenderOptions) {
    this.#options = options
    const [apiKeyId = options.keyId] = options.keyId.split('.')
    this.#keyid = options.keyId.includes('.') ? options.keyId : `${options.keyId}.1`
    this.#key = createSecretKey(
      Buffer.from(hkdfSync('sha256', options.secret, apiKeyId, KEY_PURPOSES.ingestSigning, 32)),
    )
    this.#pool = new Pool(options.url.origin, { connections: CONNECTIONS, pipelining: 1, headersTimeout: TIMEOUT_MS })
  }

  /**
   * @returns whether the server had the batch already
   * @throws BatchRefused when it is not to be accepted, or not within `patienceMs`; the signal's reason when it is aborted
   */
  async send(batch: SourceBatch, signal: AbortSignal): Promise<{ readonly duplicate: boolean }> {
    const backoff = new Backoff({ ...(this.#options.retry ?? RETRY), random: Math.random })
    const giveUpAt = performance.now() + (this.#options.patienceMs ?? PATIENCE_MS)
    let resigned = 0
    for (;;) {
      const { outcome, duplicate } = await this.#attempt(batch, signal)
      if (outcome.kind === 'accepted') return { duplicate }
      if (outcome.kind === 'halve') throw new BatchRefused('The server takes no batch as large as this one.')
      if (outcome.kind === 'rejected' || outcome.kind === 'unauthorized') {
        throw new BatchRefused(`${NOTICE[outcome.kind]} (${outcome.cause}).`)
      }
      if (outcome.kind === 'resign' && resigned < MAX_RESIGNS) {
        resigned += 1
        continue
      }
      const waitMs = Math.max(backoff.next(), outcome.kind === 'retry' ? (outcome.afterMs ?? 0) : 0)
      if (performance.now() + waitMs > giveUpAt) {
        throw new BatchRefused(`The server did not take a batch for too long (${outcome.cause}).`)
      }
      await sleep(waitMs, undefined, { signal })
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #attempt(
    batch: SourceBatch,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: SendOutcome; readonly duplicate: boolean }> {
    try {
      const response = await this.#pool.request({ ...this.#signed(batch), signal })
      const answer: unknown = await response.body.json().catch(() => undefined)
      const said = isRecord(answer) ? answer : {}
      const now = Date.now()
      if (response.statusCode === 401 && typeof said.server_time === 'number') {
        this.#clockOffsetMs = said.server_time - now
      }
      const retryAfter = response.headers['retry-after']
      const code = typeof said.code === 'string' ? said.code : undefined
      const retryAfterMs = parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined, now)
      const outcome = classifyAnswer({ status: response.statusCode, code, retryAfterMs })
      return { outcome, duplicate: said.duplicate === true }
    } catch (error) {
      signal.throwIfAborted()
      const code = isRecord(error) || error instanceof Error ? Reflect.get(error, 'code') : undefined
      const cause = typeof code === 'string' ? code : 'no answer'
      return { outcome: { kind: 'retry', reached: true, cause }, duplicate: false }
    }
  }

  #signed({ batchId, events, body }: SourceBatch) {
    const bytes = Buffer.from(body, 'utf8')
    const { host, pathname } = this.#options.url
    const path = `${pathname.replace(/\/$/, '')}/v1/events`
    const query = `?batch_id=${batchId}&events=${events}`
    const digest = contentDigest(createHash('sha256').update(bytes).digest('base64'))
    const request: SignedRequest = {
      method: 'POST',
      authority: host.toLowerCase(),
      path,
      query,
      contentDigest: digest,
      contentType: CONTENT_TYPE,
    }
    const created = Math.floor((Date.now() + this.#clockOffsetMs) / 1000)
    const params = { created, nonce: randomBytes(18).toString('base64url'), keyid: this.#keyid }
    const signature = signRequest(request, params, (text) =>
      createHmac('sha256', this.#key).update(text).digest('base64'),
    )
    return {
      method: 'POST' as const,
      path: `${path}${query}`,
      headers: { 'content-type': CONTENT_TYPE, 'content-digest': digest, ...signature },
      body: bytes,
    }
  }
}

const CONTENT_TYPE = 'application/x-ndjson'
