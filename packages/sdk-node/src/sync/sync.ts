import { Backoff, type Logger, NoticeBoard } from '@esper/core'
import { CallFailed } from '../deliver/transport.js'
import { failureCode } from '../failure-code.js'
import { UnfitPart } from './list-shelf.js'
import { readStream } from './read-stream.js'
import { StreamBroken } from './sse.js'
import { StateFetcher, type StateFetcherOptions, Unexpected } from './state-fetcher.js'
import type { StreamMessage } from './stream-message.js'

export interface SyncOptions extends StateFetcherOptions {
  readonly logger: Logger
  readonly pollMs: number
  /** Called when the control plane answers again after it did not. */
  readonly onAnswering: () => void
}

/** How the control plane is followed at the moment. */
export type SyncMode = 'stream' | 'polling' | 'stopped'

const RECONNECT = { baseMs: 1_000, maxMs: 60_000 }
/** A stream that says nothing for so long is dead; the server beats at least every 15 s. */
const SILENCE_MS = 45_000
/** After a hint to poll, the stream is tried again after so many polls. */
const POLLS_BEFORE_STREAM = 20
/** A stream may break now and then, with every deployment of the control plane; so often in a row it is a failure. */
const BREAKS_BEFORE_NOTICE = 3

/** Keeps bundle and mitigations current: one stream, and polling with jitter whenever there is none. */
export class Sync {
  readonly #options: SyncOptions
  readonly #fetcher: StateFetcher
  readonly #reconnect: Backoff
  readonly #notices = new NoticeBoard()
  readonly #stopped = new AbortController()
  #mode: SyncMode = 'stopped'
  #wake: (() => void) | undefined
  #pollEveryMs: number
  #breaks = 0

  constructor(options: SyncOptions) {
    this.#options = options
    this.#fetcher = new StateFetcher(options)
    this.#pollEveryMs = options.pollMs
    this.#reconnect = new Backoff({ ...RECONNECT, random: Math.random })
  }

  get mode(): SyncMode {
    return this.#mode
  }

  /** Begins and never rejects; ends when stopped. */
  async run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#mode = 'polling'
      const fetched = await this.#fetchAll()
      const waitMs = fetched ? await this.#followOrSay() : undefined
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
    // Not the server's clock: that jumps when it is learnt.
    const end = performance.now() + ms
    while (!this.#stopped.signal.aborted && performance.now() < end) {
      await this.#sleep(Math.min(end - performance.now(), this.#pollEveryMs * (0.75 + Math.random() / 2)))
      if (this.#stopped.signal.aborted || performance.now() >= end) return
      await this.#fetchAll()
    }
  }

  /** Whether the control plane gave its state. */
  async #fetchAll(): Promise<boolean> {
    try {
      await this.#fetcher.all()
    } catch (error) {
      this.#failed(error)
      return false
    }
    this.#notices.leave('sync', () => {
      this.#options.logger.info('The control plane answers again.')
      this.#options.onAnswering()
    })
    return true
  }

  async #followOrSay(): Promise<number | undefined> {
    try {
      return await this.#follow()
    } catch (error) {
      this.#broke(error)
      return undefined
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

  /** Follows the stream until it ends; the answer is how long the server asks to poll instead, if it does. */
  async #follow(): Promise<number | undefined> {
    const identity = this.#fetcher.identity()
    if (identity === undefined) throw new Unexpected('no_bundle')
    const { transport, clock } = this.#options
    const ended = new AbortController()
    const signal = AbortSignal.any([ended.signal, this.#stopped.signal])
    const query = this.#fetcher.whereIAm()
    const watch = { clock, silenceMs: SILENCE_MS, renewAt: () => this.#renewAt(), renew: () => this.#fetcher.pull() }
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
    const { clock, store } = this.#options
    store.heard()
    switch (message.name) {
      case 'hello':
        clock.learn(message.data.server_time)
        this.#mode = 'stream'
        this.#pollEveryMs = this.#options.pollMs
        await this.#pullIfNewer(message.data.revision)
        // What happened between the page and the stream's beginning.
        if (message.data.cursor > this.#fetcher.cursor) await this.#fetcher.catchUp()
        return undefined
      case 'bundle':
        await this.#pullIfNewer(message.data.revision)
        // Says which revision is in force here now; the stream itself has no way back.
        await this.#fetcher.catchUp()
        return undefined
      case 'mitigation':
        this.#fetcher.apply(message.data)
        return undefined
      case 'heartbeat':
        // Only a stream that lasts is a success: one that breaks at once again and again is tried ever less often.
        this.#reconnect.reset()
        this.#breaks = 0
        this.#notices.leave('stream', () => this.#options.logger.info('The stream lasts again.'))
        clock.learn(message.data.server_time)
        return undefined
      case 'fallback':
        this.#pollEveryMs = Math.min(3_600, Math.max(1, message.data.poll_seconds)) * 1_000
        return this.#pollEveryMs * POLLS_BEFORE_STREAM
    }
  }

  async #pullIfNewer(revision: number): Promise<void> {
    if (revision !== this.#options.store.bundle?.revision) await this.#fetcher.pull()
  }

  /** A bundle is renewed when half of its life is over. */
  #renewAt(): number {
    const bundle = this.#options.store.bundle
    if (bundle === undefined) return this.#options.clock.now()
    return bundle.issued_at + (bundle.not_after - bundle.issued_at) * 0.55
  }

  #failed(error: unknown): void {
    if (this.#stopped.signal.aborted) return
    const { logger, store } = this.#options
    this.#notices.enter('sync', () =>
      logger.warn('The control plane cannot be followed; decisions go on with what is known.', {
        cause: causeOf(error),
        bundle: store.state(),
      }),
    )
  }

  /** The state was given, so polling goes on; what the stream said wrong is named at once, a mere end when it comes again. */
  #broke(error: unknown): void {
    if (this.#stopped.signal.aborted) return
    this.#breaks += 1
    const isWrong = error instanceof StreamBroken && error.message !== 'ended'
    if (!isWrong && this.#breaks < BREAKS_BEFORE_NOTICE) return
    this.#notices.enter('stream', () =>
      this.#options.logger.warn('The stream breaks; the control plane is polled instead.', { cause: causeOf(error) }),
    )
  }
}

function causeOf(error: unknown): string {
  const known = [Unexpected, StreamBroken, CallFailed, UnfitPart].some((kind) => error instanceof kind)
  return known && error instanceof Error ? error.message : failureCode(error)
}
