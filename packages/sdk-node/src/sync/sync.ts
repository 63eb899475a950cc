import {
  Backoff,
  type Logger,
  type MitigationDelta,
  type MitigationPage,
  NoticeBoard,
  PAGE_MAC_HEADER,
} from '@esper/core'
import { readProblem } from '../deliver/problem.js'
import { type Answer, failureCode, headerText, type Transport } from '../deliver/transport.js'
import type { ServerClock } from '../platform/clock.js'
import type { PurposeKeys } from '../platform/crypto.js'
import type { ReceivedBundle } from './bundle-check.js'
import type { BundleStore } from './bundle-store.js'
import { readStream } from './read-stream.js'
import { StreamBroken } from './sse.js'
import { readMitigationPage, type StreamIdentity, type StreamMessage } from './stream-message.js'

export interface SyncOptions {
  readonly clock: ServerClock
  readonly transport: Transport
  readonly logger: Logger
  readonly keys: PurposeKeys
  readonly store: BundleStore
  readonly instanceId: string
  readonly pollMs: number
  /** Applies deltas in order; `full` replaces everything known. */
  readonly onDeltas: (deltas: readonly MitigationDelta[], full: boolean) => void
}

/** How the control plane is followed at the moment. */
export type SyncMode = 'stream' | 'polling' | 'stopped'

const RECONNECT = { baseMs: 1_000, maxMs: 60_000 }
/** A stream that says nothing for so long is dead; the server beats at least every 15 s. */
const SILENCE_MS = 45_000
/** After a hint to poll, the stream is tried again after so many polls. */
const POLLS_BEFORE_STREAM = 20
const BUNDLE_BYTES = 9_437_184
const PAGE_BYTES = 33_554_432
const BUNDLE_HEADERS = ['content-digest', 'content-type', 'etag', 'signature-input', 'signature'] as const

/** A call was answered, but not with what was asked for. */
class Unexpected extends Error {
  override readonly name = 'Unexpected'
}

/** Keeps bundle and mitigations current: one stream, and polling with jitter whenever there is none. */
export class Sync {
  readonly #options: SyncOptions
  readonly #reconnect: Backoff
  readonly #notices = new NoticeBoard()
  readonly #stopped = new AbortController()
  #mode: SyncMode = 'stopped'
  #cursor = 0
  #cursorEpoch = -1
  #pulling: Promise<void> | undefined
  #pullAgain = false
  #wake: (() => void) | undefined
  #pollEveryMs: number

  constructor(options: SyncOptions) {
    this.#options = options
    this.#pollEveryMs = options.pollMs
    this.#reconnect = new Backoff({ ...RECONNECT, random: Math.random })
  }

  get mode(): SyncMode {
    return this.#mode
  }

  get cursor(): number {
    return this.#cursor
  }

  /** Begins and never rejects; ends when stopped. */
  async run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#mode = 'polling'
      let waitMs: number | undefined
      try {
        await this.#pull()
        await this.#catchUp()
        waitMs = await this.#follow()
      } catch (error) {
        this.#failed(error)
      }
      this.#mode = 'polling'
      await this.#pollFor(waitMs ?? this.#reconnect.next())
    }
    this.#mode = 'stopped'
  }

  stop(): void {
    this.#stopped.abort()
    this.#wake?.()
  }

  /** Polls until it is time to try the stream again. */
  async #pollFor(ms: number): Promise<void> {
    const { clock } = this.#options
    const end = clock.now() + ms
    while (!this.#stopped.signal.aborted && clock.now() < end) {
      await this.#sleep(Math.min(end - clock.now(), this.#pollEveryMs * (0.75 + Math.random() / 2)))
      if (this.#stopped.signal.aborted || clock.now() >= end) return
      try {
        await this.#pull()
        await this.#catchUp()
      } catch (error) {
        this.#failed(error)
      }
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }

  /** Pulls the bundle; calls at the same time share one, and one that comes in the middle makes it run once more. */
  #pull(): Promise<void> {
    this.#pullAgain = this.#pulling !== undefined
    this.#pulling ??= this.#pullOnce().finally(() => {
      this.#pulling = undefined
    })
    return this.#pulling
  }

  async #pullOnce(): Promise<void> {
    do {
      this.#pullAgain = false
      const { transport, store } = this.#options
      const etag = store.etag
      const headers = etag === undefined ? {} : { 'if-none-match': etag }
      const answer = await transport.call({ method: 'GET', path: '/v1/bundle', headers, maxBytes: BUNDLE_BYTES })
      if (answer.status === 304) store.heard()
      else this.#takeBundle(answer)
      this.#contact()
    } while (this.#pullAgain)
  }

  #takeBundle(answer: Answer): void {
    this.#expectOk(answer)
    const headers = Object.fromEntries(BUNDLE_HEADERS.map((name) => [name, headerText(answer.headers[name]) ?? '']))
    const received: ReceivedBundle = {
      status: answer.status,
      headers: {
        'content-digest': headers['content-digest'] ?? '',
        'content-type': headers['content-type'] ?? '',
        etag: headers.etag ?? '',
        'signature-input': headers['signature-input'] ?? '',
        signature: headers.signature ?? '',
      },
      body: answer.body.toString('utf8'),
    }
    if (!this.#options.store.offer(received) && this.#options.store.bundle === undefined)
      throw new Unexpected('bundle_refused')
  }

  /** Fetches the deltas since the cursor, signed, page by page. */
  async #catchUp(): Promise<void> {
    const identity = this.#identity()
    if (identity === undefined) return
    const epoch = this.#options.store.bundle?.epoch ?? 0
    if (epoch !== this.#cursorEpoch) this.#cursor = 0
    this.#cursorEpoch = epoch
    for (let page = await this.#page(identity); ; page = await this.#page(identity)) {
      const reached = page.cursor
      this.#options.onDeltas(page.deltas, page.full)
      const done = page.full || page.deltas.length === 0 || reached <= this.#cursor
      this.#cursor = reached
      if (done) return
    }
  }

  async #page(identity: StreamIdentity): Promise<MitigationPage> {
    const since = this.#cursor
    const query = this.#whereIAm()
    const call = { method: 'GET', path: '/v1/mitigations', query, maxBytes: PAGE_BYTES } as const
    const answer = await this.#options.transport.call(call)
    this.#expectOk(answer)
    const json = answer.body.toString('utf8')
    return readMitigationPage({ since, json, mac: headerText(answer.headers[PAGE_MAC_HEADER]) }, identity)
  }

  /** How far this process is: the console shows which revision it works with. */
  #whereIAm(): string {
    const { instanceId, store } = this.#options
    return `since=${this.#cursor}&instance_id=${instanceId}&revision=${store.bundle?.revision ?? 0}`
  }

  /** Follows the stream until it ends; the answer is how long the server asks to poll instead, if it does. */
  async #follow(): Promise<number | undefined> {
    const identity = this.#identity()
    if (identity === undefined) throw new Unexpected('no_bundle')
    const { transport, clock } = this.#options
    const ended = new AbortController()
    const signal = AbortSignal.any([ended.signal, this.#stopped.signal])
    const query = this.#whereIAm()
    const watch = { clock, silenceMs: SILENCE_MS, renewAt: () => this.#renewAt(), renew: () => this.#pull() }
    try {
      const answer = await transport.open(
        { method: 'GET', path: '/v1/stream', query, headers: { accept: 'text/event-stream' } },
        signal,
      )
      if (answer.status !== 200) throw new Unexpected(`stream_status_${answer.status}`)
      for await (const message of readStream(answer.body, identity, watch)) {
        const pollMs = await this.#react(message)
        if (pollMs !== undefined) return pollMs
      }
      throw new StreamBroken('ended')
    } finally {
      ended.abort()
    }
  }

  async #react(message: StreamMessage): Promise<number | undefined> {
    const { clock, store, onDeltas } = this.#options
    store.heard()
    switch (message.name) {
      case 'hello':
        clock.learn(message.data.server_time)
        this.#mode = 'stream'
        this.#pollEveryMs = this.#options.pollMs
        this.#reconnect.reset()
        this.#notices.leave('sync', () => this.#options.logger.info('The control plane is followed again.'))
        await this.#pullIfNewer(message.data.revision)
        // What happened between the page and the stream's beginning.
        if (message.data.cursor > this.#cursor) await this.#catchUp()
        return undefined
      case 'bundle':
        await this.#pullIfNewer(message.data.revision)
        // Says which revision is in force here now; the stream itself has no way back.
        await this.#catchUp()
        return undefined
      case 'mitigation':
        this.#advance(message.data)
        onDeltas([message.data], false)
        return undefined
      case 'heartbeat':
        clock.learn(message.data.server_time)
        return undefined
      case 'fallback':
        this.#pollEveryMs = Math.min(3_600, Math.max(1, message.data.poll_seconds)) * 1_000
        return this.#pollEveryMs * POLLS_BEFORE_STREAM
    }
  }

  #advance(delta: MitigationDelta): void {
    const sequence = delta.kind === 'upsert' ? delta.mitigation.sequence : delta.removal.sequence
    this.#cursor = Math.max(this.#cursor, sequence)
  }

  async #pullIfNewer(revision: number): Promise<void> {
    if (revision !== this.#options.store.bundle?.revision) await this.#pull()
  }

  /** A bundle is renewed when half of its life is over. */
  #renewAt(): number {
    const bundle = this.#options.store.bundle
    if (bundle === undefined) return this.#options.clock.now()
    return bundle.issued_at + (bundle.not_after - bundle.issued_at) * 0.55
  }

  #identity(): StreamIdentity | undefined {
    const bundle = this.#options.store.bundle
    if (bundle === undefined) return undefined
    return { tenantId: bundle.tenant_id, sourceId: bundle.source_id, key: this.#options.keys.streamMac }
  }

  #expectOk(answer: Answer): void {
    if (answer.status === 200) return
    const { code, server_time: serverTime } = readProblem(answer)
    if (answer.status === 401) this.#options.clock.learn(serverTime)
    throw new Unexpected(`status_${answer.status}${code === undefined ? '' : `_${code}`}`)
  }

  #contact(): void {
    this.#notices.leave('sync', () => this.#options.logger.info('The control plane answers again.'))
  }

  #failed(error: unknown): void {
    if (this.#stopped.signal.aborted) return
    const known = error instanceof Unexpected || error instanceof StreamBroken
    const cause = known
      ? error.message
      : error instanceof Error && error.name === 'CallFailed'
        ? error.message
        : failureCode(error)
    const state = this.#options.store.state()
    this.#notices.enter('sync', () =>
      this.#options.logger.warn('The control plane cannot be followed; decisions go on with what is known.', {
        cause,
        bundle: state,
      }),
    )
  }
}
