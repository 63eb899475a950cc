import { createHash } from 'node:crypto'
import { type BatchHeader, type EventLine, LIMITS } from '@esper/core'
import { capturedOf } from './captured.js'
import type { LogFormat, LogRecord } from './formats/log-format.js'
import { type LogLine, MAX_LINE_BYTES } from './read-log-lines.js'

/** Lines of a log that go out together. The same lines at the same place always make the same block. */
export interface Block {
  readonly start: number
  readonly end: number
  readonly lines: number
  readonly events: number
  readonly batchId: string
  /** The batch, when there is an event in it. */
  readonly body: string
  readonly unreadable: readonly UnreadableLine[]
  /** Epoch milliseconds of its earliest and latest event. */
  readonly from: number
  readonly to: number
  readonly lastLine: LastLine
  /** False for what was left at the end of the log. */
  readonly isFull: boolean
}

export interface LastLine {
  readonly start: number
  /** Whether there is a line feed behind it. */
  readonly ended: boolean
  /** Fingerprint of the last line with an end. */
  readonly fingerprint: string
}

export interface UnreadableLine {
  readonly line: number
  readonly reason: string
  /** Its beginning. */
  readonly text: string
}

export interface BlockOptions {
  readonly format: LogFormat
  /** What tells this log from others. */
  readonly identity: string
  readonly sdk: string
  /** Fingerprint of the line before the first one; empty at the beginning of the log. */
  readonly before: string
  /** An end that the block beginning at `start` once had, although more lines follow by now. */
  readonly cut?: { readonly start: number; readonly end: number } | undefined
}

/** Far below what a batch may have, the longest line included. */
const MAX_BODY_UNITS = 393_216
const SHOWN_UNITS = 200
const UTF8 = new TextDecoder('utf-8')

/** Puts lines together until a batch is full. */
export async function* makeBlocks(lines: AsyncIterable<LogLine>, options: BlockOptions): AsyncGenerator<Block> {
  let block: BlockDraft | undefined
  let { before } = options
  for await (const line of lines) {
    block ??= new BlockDraft(line.start, { ...options, before })
    block.add(line)
    if (!block.isFull) continue
    const full = block.finish()
    before = full.lastLine.fingerprint
    block = undefined
    yield full
  }
  if (block !== undefined) yield block.finish()
}

export function fingerprintOf(line: Uint8Array | string): string {
  return createHash('sha256').update(line).digest('base64url').slice(0, 22)
}

class BlockDraft {
  readonly #options: BlockOptions
  readonly #start: number
  readonly #hash = createHash('sha256')
  readonly #events: string[] = []
  readonly #unreadable: UnreadableLine[] = []
  readonly #sees = new Set<string>()
  #seen: readonly string[] | undefined
  #end: number
  #lines = 0
  #units = 0
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY
  #lastStart: number
  #lastEnded = true
  /** The last line with an end, or what stands for the one before this block. */
  #before: Uint8Array | string | undefined

  constructor(start: number, options: BlockOptions) {
    this.#options = options
    this.#start = start
    this.#end = start
    this.#lastStart = start
  }

  get isFull(): boolean {
    const { cut } = this.#options
    if (cut?.start === this.#start && this.#end >= cut.end) return true
    return this.#lines >= LIMITS.batchEvents || this.#units >= MAX_BODY_UNITS
  }

  add(line: LogLine): void {
    this.#end = line.end
    this.#lines += 1
    this.#lastStart = line.start
    this.#lastEnded = line.ended
    if (line.ended) this.#before = line.bytes ?? ''
    this.#hash.update(line.bytes ?? '').update('\n')
    if (line.bytes === undefined) this.#refuse(line, `it has more than ${MAX_LINE_BYTES} bytes`, '')
    else if (line.bytes.length > 0) this.#read(line, UTF8.decode(line.bytes).replace(/\r$/, ''))
  }

  finish(): Block {
    const { identity, before } = this.#options
    const fingerprint = this.#before === undefined ? before : fingerprintOf(this.#before)
    const id = this.#hash.update(`${identity} ${this.#start}`).digest('base64url')
    return {
      start: this.#start,
      end: this.#end,
      lines: this.#lines,
      events: this.#events.length,
      batchId: `import_${id}`,
      body: [JSON.stringify(this.#header()), ...this.#events].join('\n'),
      unreadable: this.#unreadable,
      from: this.#from,
      to: this.#to,
      lastLine: { start: this.#lastStart, ended: this.#lastEnded, fingerprint },
      isFull: this.isFull,
    }
  }

  #read(line: LogLine, text: string): void {
    if (text.trim() === '') return
    const parsed = this.#options.format.parse(text)
    if (parsed.ok) this.#take(line, text, parsed.record)
    else this.#refuse(line, parsed.reason, text)
  }

  #take(line: LogLine, text: string, { observedAt, fields, sees }: LogRecord): void {
    if (sees !== this.#seen) for (const name of sees) this.#sees.add(name)
    this.#seen = sees
    const eventId = fingerprintOf(`${this.#options.identity} ${line.start} ${text}`)
    const event: EventLine = { event_id: eventId, observed_at: observedAt, fields }
    const written = JSON.stringify(event)
    this.#events.push(written)
    this.#units += written.length
    this.#from = Math.min(this.#from, observedAt)
    this.#to = Math.max(this.#to, observedAt)
  }

  #refuse({ number }: LogLine, reason: string, text: string): void {
    this.#unreadable.push({ line: number, reason, text: text.slice(0, SHOWN_UNITS) })
  }

  #header(): BatchHeader {
    const { sdk, identity } = this.#options
    return { format: 1, sdk, revision: 0, instance_id: identity, captured: capturedOf(this.#sees) }
  }
}
