import type { BatchSender } from '../clients/batch-sender.js'
import { type Block, fingerprintOf, makeBlocks } from './blocks.js'
import { deliverBlocks } from './deliver-blocks.js'
import { endsAt, findResumePoint } from './find-resume-point.js'
import type { FormatName, LogFormat } from './formats/log-format.js'
import { formatNamed, recogniseFormat } from './formats/recognise-format.js'
import { type ImportPoint, ImportState, pointBehind, stateName } from './import-state.js'
import { type OpenLog, openLog } from './open-log.js'
import { type LogLine, readLogLines } from './read-log-lines.js'
import { type ImportSummary, Tally } from './tally.js'

export interface ImportOptions {
  /** A file, or `-` for standard input. */
  readonly path: string
  /** Recognised by the first lines when absent. */
  readonly format?: FormatName | undefined
  /** What the batches name as their sender. */
  readonly sdk: string
  /** Where it goes; absent: the log is read and nothing is sent or remembered. */
  readonly target?: ImportTarget | undefined
  readonly onProgress?: (progress: ImportProgress) => void
  /** Ends the import at the next batch. What was accepted stays, and the next run goes on from there. */
  readonly signal: AbortSignal
}

export interface ImportTarget {
  readonly sender: BatchSender
  readonly url: URL
  readonly keyId: string
  /** Where it is remembered how far each log is imported. */
  readonly stateFolder: string
  /** Begins at the first line whatever is remembered. The server still knows the batches it has. */
  readonly restart: boolean
}

export interface ImportProgress {
  readonly lines: number
  readonly events: number
  readonly bytesRead: number
  readonly totalBytes: number | undefined
}

/** A log that cannot be imported. The message says why, and what to do. */
export class ImportFailed extends Error {
  override readonly name = 'ImportFailed'
}

const RECOGNISED_BY_LINES = 20
const SAVE_EVERY_MS = 1_000

/**
 * Sends what a log tells as a source's events, with their own times, in order, each line once.
 * @throws ImportFailed, BatchRefused
 */
export async function importLog(options: ImportOptions): Promise<ImportSummary> {
  const log = await openLog(options.path)
  try {
    return await importOpenLog(options, log)
  } finally {
    log.content.destroy()
  }
}

async function importOpenLog(options: ImportOptions, log: OpenLog): Promise<ImportSummary> {
  const { path, target, sdk, signal } = options
  const lines = readLogLines(log.content)
  const first = await takeLines(lines, RECOGNISED_BY_LINES)
  const format = options.format === undefined ? recognised(path, first) : formatNamed(options.format)
  const identity = fingerprintOf(first[0]?.bytes ?? '')
  const state =
    target === undefined ? undefined : new ImportState(target.stateFolder, stateName({ ...target, identity }))
  const known = state === undefined || target?.restart === true ? [] : await state.load()
  const point = await resumePoint(path, known)
  state?.continueFrom(point)

  const tally = new Tally()
  const rest = await skipImported(chained(first, lines), { path, point, tally })
  const blocks = makeBlocks(rest.lines, { format, identity, sdk, before: rest.before, cut: point?.cut })
  const memory = new Memory(state, point)
  const whole = await deliverBlocks(blocks, {
    sender: target?.sender,
    signal,
    beforeSend: (block) => memory.beforeSend(block),
    onAccepted: async (block, duplicate) => {
      tally.add(block, duplicate)
      await memory.accepted(block)
      const { lines, events } = tally
      options.onProgress?.({ lines, events, bytesRead: log.bytesRead(), totalBytes: log.totalBytes })
    },
  }).finally(() => memory.keep())
  return tally.summary(format.name, !whole)
}

function recognised(path: string, first: readonly LogLine[]): LogFormat {
  const name = path === '-' ? 'Standard input' : path
  if (first.length === 0) throw new ImportFailed(`${name} is empty.`)
  const texts = first.flatMap(({ bytes }) =>
    bytes === undefined || bytes.length === 0 ? [] : [bytes.toString('utf8')],
  )
  const format = recogniseFormat(texts)
  if (format !== undefined) return format
  const shown = JSON.stringify((texts[0] ?? '').slice(0, 120))
  throw new ImportFailed(
    `${name}: none of the first lines is of a known format; the first one is ${shown}. Name it with --format.`,
  )
}

async function resumePoint(path: string, known: readonly ImportPoint[]): Promise<ImportPoint | undefined> {
  if (known.length === 0) return undefined
  // Standard input comes once: that it is the same log is checked on the way.
  if (path === '-') return known[0]
  const log = await openLog(path)
  try {
    return await findResumePoint(readLogLines(log.content), known)
  } finally {
    log.content.destroy()
  }
}

interface Skipped {
  readonly lines: AsyncIterable<LogLine>
  /** Fingerprint of the last line skipped. */
  readonly before: string
}

/** Leaves out the lines that an earlier run imported. */
async function skipImported(
  lines: AsyncGenerator<LogLine>,
  { path, point, tally }: { readonly path: string; readonly point: ImportPoint | undefined; readonly tally: Tally },
): Promise<Skipped> {
  if (point === undefined) return { lines, before: '' }
  let { fingerprint: before } = point
  let same = point.offset === 0
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    const line = next.value
    const isOpenLine = point.withOpenLine && line.start === point.offset
    if (line.end > point.offset && !isOpenLine) {
      if (!same) break
      return { lines: chained([line], lines), before }
    }
    tally.earlierLines += 1
    same ||= endsAt(line, point)
    if (isOpenLine && line.ended) before = fingerprintOf(line.bytes ?? '')
  }
  if (same) return { lines: chained([], lines), before }
  const name = path === '-' ? 'Standard input' : path
  throw new ImportFailed(
    `${name} begins like a log that was imported before and goes on differently. Use --restart to import it from its first line.`,
  )
}

async function takeLines(lines: AsyncGenerator<LogLine>, count: number): Promise<readonly LogLine[]> {
  const taken: LogLine[] = []
  while (taken.length < count) {
    const next = await lines.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}

async function* chained(first: readonly LogLine[], rest: AsyncGenerator<LogLine>): AsyncGenerator<LogLine> {
  yield* first
  yield* rest
}

/** Remembers how far the import has come: now and then, at its end, and before a batch whose lines may be split otherwise next time. */
class Memory {
  readonly #state: ImportState | undefined
  #point: ImportPoint
  #savedAt = performance.now()
  #isSaved = true

  constructor(state: ImportState | undefined, point: ImportPoint | undefined) {
    this.#state = state
    this.#point = point ?? { offset: 0, fingerprint: '', withOpenLine: false }
  }

  async beforeSend({ isFull, start, end }: Block): Promise<void> {
    if (isFull) return
    this.#point = { ...this.#point, cut: { start, end } }
    await this.#save()
  }

  async accepted(block: Block): Promise<void> {
    const { cut } = this.#point
    const behind = pointBehind(block.end, block.lastLine)
    this.#point = cut === undefined || cut.start < block.end ? behind : { ...behind, cut }
    this.#isSaved = false
    if (performance.now() - this.#savedAt >= SAVE_EVERY_MS) await this.#save()
  }

  async keep(): Promise<void> {
    if (!this.#isSaved) await this.#save()
  }

  async #save(): Promise<void> {
    await this.#state?.save(this.#point)
    this.#savedAt = performance.now()
    this.#isSaved = true
  }
}
