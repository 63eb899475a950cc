import type { Block, UnreadableLine } from './blocks.js'
import type { FormatName } from './formats/log-format.js'

/** What became of the lines of a log. */
export interface ImportSummary {
  readonly format: FormatName
  /** Lines read in this run, those imported before left out. */
  readonly lines: number
  /** Lines that an earlier run imported. */
  readonly earlier_lines: number
  readonly events: number
  /** Of these, events the server had already. */
  readonly known_events: number
  readonly unreadable_lines: number
  /** The first of them. */
  readonly unreadable: readonly UnreadableLine[]
  /** Epoch milliseconds of the earliest and latest event; absent without one. */
  readonly from?: number
  readonly to?: number
  /** Whether it was ended before the end of the log. */
  readonly interrupted: boolean
}

const SHOWN_UNREADABLE = 5

/** Counts what becomes of the lines. */
export class Tally {
  lines = 0
  earlierLines = 0
  events = 0
  readonly #unreadable: UnreadableLine[] = []
  #knownEvents = 0
  #unreadableLines = 0
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY

  add(block: Block, duplicate: boolean): void {
    this.lines += block.lines
    this.events += block.events
    if (duplicate) this.#knownEvents += block.events
    this.#unreadableLines += block.unreadable.length
    this.#unreadable.push(...block.unreadable.slice(0, SHOWN_UNREADABLE - this.#unreadable.length))
    this.#from = Math.min(this.#from, block.from)
    this.#to = Math.max(this.#to, block.to)
  }

  summary(format: FormatName, interrupted: boolean): ImportSummary {
    return {
      format,
      lines: this.lines,
      earlier_lines: this.earlierLines,
      events: this.events,
      known_events: this.#knownEvents,
      unreadable_lines: this.#unreadableLines,
      unreadable: this.#unreadable,
      ...(this.events === 0 ? {} : { from: this.#from, to: this.#to }),
      interrupted,
    }
  }
}
