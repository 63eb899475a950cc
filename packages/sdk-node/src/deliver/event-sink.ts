import {
  type BatchHeader,
  classifyAnswer,
  type Lane,
  type Logger,
  type LossReport,
  NoticeBoard,
  type OutgoingBatch,
  parseRetryAfter,
  type SdkStatusReport,
  Sender,
  type SenderState,
  type SendOutcome,
} from '@esper/core'
import type { ServerClock } from '../platform/clock.js'
import { randomId } from '../platform/crypto.js'
import type { EarlierLoss } from './exit-report.js'
import { readProblem } from './problem.js'
import { type Answer, CallFailed, headerText, type Transport } from './transport.js'

export interface EventSinkOptions {
  readonly clock: ServerClock
  readonly transport: Transport
  readonly logger: Logger
  readonly sdk: string
  readonly instanceId: string
  readonly queue: { readonly maxEvents: number; readonly maxBytes: number }
  readonly batch: { readonly maxEvents: number; readonly maxAgeMs: number }
  readonly compression: 'off' | 'br'
  /** What else is counted and travels with the next batch. */
  readonly counts: () => Readonly<Record<string, number>>
  /** How this process is doing; travels with each batch. */
  readonly status: () => SdkStatusReport
  /** What processes before this one lost. */
  readonly earlier: () => EarlierLoss
  readonly retry?: { readonly baseMs: number; readonly maxMs: number }
  readonly probe?: { readonly baseMs: number; readonly maxMs: number }
}

const positive = (counts: Readonly<Record<string, number>>) => Object.entries(counts).filter(([, count]) => count > 0)

const MAX_BATCH_BYTES = 262_144
const RETRY = { baseMs: 1_000, maxMs: 60_000 }
const PROBE = { baseMs: 30_000, maxMs: 300_000 }

/** Where recorded events go: into the queue, and from there to the control plane. */
export class EventSink {
  readonly #options: EventSinkOptions
  readonly #sender: Sender
  readonly #notices = new NoticeBoard()

  constructor(options: EventSinkOptions) {
    this.#options = options
    this.#sender = new Sender({
      clock: options.clock,
      random: Math.random,
      transport: (batch) => this.#deliver(batch),
      newBatchId: randomId,
      headerLine: (revision) => this.#headerLine(revision),
      onState: (state, cause) => this.#say(state, cause),
      queue: options.queue,
      batch: { ...options.batch, maxBytes: MAX_BATCH_BYTES },
      maxInFlight: 2,
      retry: options.retry ?? RETRY,
      probe: options.probe ?? PROBE,
    })
  }

  get state(): SenderState {
    return this.#sender.state
  }

  report(): LossReport {
    return this.#sender.report()
  }

  /** Takes over the finished line of an event. Never blocks, never throws. */
  offer(line: string, lane: Lane, revision: number): void {
    this.#sender.offer({ line, bytes: Buffer.byteLength(line), lane, revision })
  }

  flush(): void {
    this.#sender.flush()
  }

  /** The control plane was seen to answer again: what waits is tried at once. */
  tryNow(): void {
    this.#sender.tryNow()
  }

  close(timeoutMs: number): Promise<void> {
    return this.#sender.close(timeoutMs)
  }

  #headerLine(revision: number): string {
    const { sdk, instanceId, counts, status, earlier } = this.#options
    const { lost: earlier_lost, uncertain: earlier_uncertain } = earlier()
    const dropped = positive({ ...this.#sender.report().dropped, earlier_lost, earlier_uncertain })
    const others = positive(counts())
    const header: BatchHeader = {
      format: 1,
      sdk,
      revision,
      instance_id: instanceId,
      ...(dropped.length === 0 ? {} : { loss: Object.fromEntries(dropped) }),
      ...(others.length === 0 ? {} : { counts: Object.fromEntries(others) }),
      status: status(),
    }
    return JSON.stringify(header)
  }

  async #deliver(batch: OutgoingBatch): Promise<SendOutcome> {
    try {
      const answer = await this.#options.transport.call({
        method: 'POST',
        path: '/v1/events',
        query: `batch_id=${batch.batchId}&events=${batch.events}`,
        body: ndjson(batch.lines),
        contentType: 'application/x-ndjson',
        compression: this.#options.compression,
      })
      return this.#classify(answer)
    } catch (error) {
      const failed = error instanceof CallFailed ? error : new CallFailed('unknown', true)
      return { kind: 'retry', reached: failed.reached, cause: failed.message }
    }
  }

  #classify(answer: Answer): SendOutcome {
    const { code, server_time: serverTime } = readProblem(answer)
    if (answer.status === 401) this.#options.clock.learn(serverTime)
    const retryAfterMs = parseRetryAfter(headerText(answer.headers['retry-after']), this.#options.clock.now())
    return classifyAnswer({ status: answer.status, code, retryAfterMs })
  }

  #say(state: SenderState, cause: string): void {
    const { logger } = this.#options
    if (state === 'sending') {
      this.#notices.leave('refused', () => logger.info('The key is accepted again.'))
      this.#notices.leave('retrying', () => logger.info('Events are delivered again.'))
    }
    if (state === 'refused') {
      this.#notices.enter(state, () => logger.error('The control plane refuses the key; decisions go on.', { cause }))
    }
    if (state === 'retrying') {
      this.#notices.enter(state, () =>
        logger.warn('Events cannot be delivered; they wait in a bounded queue.', { cause }),
      )
    }
  }
}

/** Lines as the bytes of a body. Written one by one, and nearly all of them as ASCII: that takes a tenth of the time. */
function ndjson(lines: readonly string[]): Buffer {
  const lengths = lines.map((line) => Buffer.byteLength(line))
  const body = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length + 1, 0))
  let at = 0
  for (const [index, line] of lines.entries()) {
    at += body.write(line, at, lengths[index] === line.length ? 'latin1' : 'utf8')
    at = body.writeUInt8(LINE_FEED, at)
  }
  return body
}

const LINE_FEED = 0x0a
