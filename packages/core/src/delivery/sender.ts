import type { Clock } from '../support/clock.js'
import { Backoff } from './backoff.js'
import { type DropReason, LossLedger, type LossReport } from './ledger.js'
import type { SendOutcome } from './outcome.js'
import { BoundedQueue, type QueueEntry } from './queue.js'

/** A batch on its way. Its bytes and id never change, whatever is retried; only the signature is new each time. */
export interface OutgoingBatch {
  readonly batchId: string
  readonly events: number
  /** The header line, then one of each event; the body is NDJSON of them. */
  readonly lines: readonly string[]
}

/** `sending`: all is well; `retrying`: the server does not answer well; `refused`: the key is not accepted. */
export type SenderState = 'sending' | 'retrying' | 'refused'

export interface SenderOptions {
  readonly clock: Clock
  /** A number from 0 up to but not including 1. */
  readonly random: () => number
  /** Delivers one batch; must not reject. */
  readonly transport: (batch: OutgoingBatch) => Promise<SendOutcome>
  /** Unique by its own doing: the server stores a batch of an id once. */
  readonly newBatchId: () => string
  /** First line of a batch of events captured under this bundle revision. */
  readonly headerLine: (revision: number) => string
  /** Called when the state changes, with what caused it. */
  readonly onState?: (state: SenderState, cause: string) => void
  readonly queue: { readonly maxEvents: number; readonly maxBytes: number }
  /** A batch goes out at this many events, this many bytes, or when its oldest event is this old. */
  readonly batch: { readonly maxEvents: number; readonly maxBytes: number; readonly maxAgeMs: number }
  readonly maxInFlight: number
  readonly retry: { readonly baseMs: number; readonly maxMs: number }
  /** While the key is refused, how often it is tried again. */
  readonly probe: { readonly baseMs: number; readonly maxMs: number }
}

interface Batch extends OutgoingBatch {
  readonly entries: readonly QueueEntry[]
  /** Whether the server may have it although it did not say so. */
  reached: boolean
  resigned: number
}

/** New signatures in a row before a batch waits as after any other failure. */
const MAX_RESIGNS = 3

/**
 * Delivers events in batches: bounded queue, limited batches in flight, retries with the same `batch_id`, backoff with
 * full jitter, `Retry-After`, halving on 413, a latch on 401 and 403. Counts what becomes of every event.
 */
export class Sender {
  readonly #options: SenderOptions
  readonly #queue: BoundedQueue
  readonly #ledger = new LossLedger()
  readonly #retry: Backoff
  readonly #probe: Backoff
  readonly #sending = new Set<Batch>()
  readonly #waiting: Batch[] = []
  #state: SenderState = 'sending'
  #due = false
  #closed = false
  #cancelAge: (() => void) | undefined
  #cancelHold: (() => void) | undefined
  /** Whether the server itself asked for the wait. */
  #asked = false
  #idle: (() => void) | undefined

  constructor(options: SenderOptions) {
    this.#options = options
    this.#queue = new BoundedQueue(options.queue)
    this.#retry = new Backoff({ ...options.retry, random: options.random })
    this.#probe = new Backoff({ ...options.probe, random: options.random })
  }

  get state(): SenderState {
    return this.#state
  }

  /** Where every event is. The sum holds at every instant. */
  report(): LossReport {
    return this.#ledger.report()
  }

  /** Takes an event over. Never blocks and never throws; what does not fit is counted. */
  offer(entry: QueueEntry): void {
    this.#ledger.record()
    const lost = this.#enqueue(entry)
    if (lost !== undefined) this.#ledger.dropQueued(lost.events, lost.reason)
    if (this.#full()) this.#pump()
    else this.#startAge()
  }

  /** Sends what is queued without waiting for a batch to fill. */
  flush(): void {
    this.#due = true
    this.#pump()
  }

  /** Tries again at once what waits after a failure: the server was seen to answer. `Retry-After` is still obeyed. */
  tryNow(): void {
    if (this.#cancelHold === undefined || this.#asked) return
    this.#cancelHold()
    this.#cancelHold = undefined
    this.#pump()
  }

  /** Sends what can be sent within `timeoutMs`, then stops. What is left is counted as dropped or uncertain. */
  async close(timeoutMs: number): Promise<void> {
    if (!this.#closed && this.#state !== 'refused') {
      this.flush()
      await this.#untilIdle(timeoutMs)
    }
    this.#closed = true
    this.#cancelAge?.()
    this.#cancelHold?.()
    this.#cancelHold = undefined
    this.#ledger.dropQueued(this.#drainQueue(), 'shutdown')
    for (const batch of this.#waiting.splice(0)) {
      if (batch.reached) this.#ledger.giveUp(batch.events)
      else this.#ledger.dropInFlight(batch.events, 'shutdown')
    }
    for (const batch of this.#sending) this.#ledger.giveUp(batch.events)
    this.#sending.clear()
  }

  #enqueue(entry: QueueEntry): { events: number; reason: DropReason } | undefined {
    if (this.#closed) return { events: 1, reason: 'shutdown' }
    if (entry.bytes > this.#options.batch.maxBytes) return { events: 1, reason: 'too_large' }
    const events = this.#queue.push(entry)
    return events === 0 ? undefined : { events, reason: 'queue_full' }
  }

  #full(): boolean {
    const { maxEvents, maxBytes } = this.#options.batch
    return this.#queue.events >= maxEvents || this.#queue.bytes >= maxBytes
  }

  #startAge(): void {
    if (this.#cancelAge !== undefined || this.#queue.events === 0) return
    this.#cancelAge = this.#options.clock.after(this.#options.batch.maxAgeMs, () => {
      this.#cancelAge = undefined
      this.flush()
    })
  }

  #pump(): void {
    if (this.#closed || this.#cancelHold !== undefined) return
    const limit = this.#state === 'sending' ? this.#options.maxInFlight : 1
    while (this.#sending.size < limit) {
      const batch = this.#waiting.shift() ?? this.#nextBatch()
      if (batch === undefined) break
      void this.#send(batch)
    }
    if (this.#queue.events === 0) this.#due = false
    else this.#startAge()
    if (this.#sending.size === 0 && this.#waiting.length === 0 && this.#queue.events === 0) this.#idle?.()
  }

  #nextBatch(): Batch | undefined {
    if (!this.#due && !this.#full()) return undefined
    const entries = this.#queue.take(this.#options.batch)
    if (entries.length === 0) return undefined
    this.#ledger.take(entries.length)
    return this.#form(entries)
  }

  #form(entries: readonly QueueEntry[]): Batch {
    const lines = [this.#options.headerLine(entries[0]?.revision ?? 0)]
    for (const { line } of entries) lines.push(line)
    return { batchId: this.#options.newBatchId(), events: entries.length, lines, entries, reached: false, resigned: 0 }
  }

  async #send(batch: Batch): Promise<void> {
    this.#sending.add(batch)
    const outcome = await this.#options.transport(batch)
    if (!this.#sending.delete(batch)) return
    this.#settle(batch, outcome)
    this.#pump()
  }

  #settle(batch: Batch, outcome: SendOutcome): void {
    switch (outcome.kind) {
      case 'accepted':
        this.#ledger.accept(batch.events)
        this.#recovered()
        break
      case 'rejected':
        this.#ledger.dropInFlight(batch.events, 'rejected')
        this.#recovered()
        break
      case 'halve':
        this.#halve(batch)
        this.#recovered()
        break
      case 'resign':
        batch.resigned += 1
        this.#waiting.unshift(batch)
        if (batch.resigned > MAX_RESIGNS) this.#hold('retrying', outcome.cause)
        break
      case 'unauthorized':
        this.#waiting.unshift(batch)
        this.#hold('refused', outcome.cause)
        break
      case 'retry':
        batch.reached ||= outcome.reached
        this.#waiting.push(batch)
        this.#hold('retrying', outcome.cause, outcome.afterMs)
        break
    }
  }

  #halve(batch: Batch): void {
    if (batch.events === 1) {
      this.#ledger.dropInFlight(1, 'too_large')
      return
    }
    const middle = Math.ceil(batch.events / 2)
    this.#waiting.unshift(this.#form(batch.entries.slice(0, middle)), this.#form(batch.entries.slice(middle)))
  }

  #recovered(): void {
    this.#retry.reset()
    this.#probe.reset()
    this.#cancelHold?.()
    this.#cancelHold = undefined
    this.#enter('sending', 'accepted')
  }

  #hold(state: 'retrying' | 'refused', cause: string, afterMs?: number): void {
    this.#enter(state, cause)
    const delay = (state === 'refused' ? this.#probe : this.#retry).next()
    this.#asked = afterMs !== undefined
    this.#cancelHold?.()
    this.#cancelHold = this.#options.clock.after(Math.max(delay, afterMs ?? 0), () => {
      this.#cancelHold = undefined
      this.#pump()
    })
  }

  #enter(state: SenderState, cause: string): void {
    if (this.#state === state) return
    this.#state = state
    this.#options.onState?.(state, cause)
  }

  #drainQueue(): number {
    let events = 0
    while (this.#queue.events > 0) events += this.#queue.take({ maxEvents: 1_000, maxBytes: Infinity }).length
    return events
  }

  #untilIdle(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel()
        this.#idle = undefined
        resolve()
      }
      const cancel = this.#options.clock.after(timeoutMs, done)
      this.#idle = done
      this.#pump()
    })
  }
}
