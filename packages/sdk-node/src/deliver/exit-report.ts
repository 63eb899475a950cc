import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LossReport } from '@esper/core'

/** What processes before this one lost when they ended without `close()`. */
export interface EarlierLoss {
  /** Recorded and never sent. */
  readonly lost: number
  /** In a batch that was on its way; the control plane may have it. */
  readonly uncertain: number
}

const NOTHING: EarlierLoss = { lost: 0, uncertain: 0 }

/**
 * Leaves a note of what is lost when the process ends in the middle (`process.exit`, an uncaught error), and reads the
 * notes of processes before it. Numbers only. A process that is killed leaves none.
 */
export class ExitReport {
  readonly #folder: string
  readonly #prefix: string
  readonly #file: string
  readonly #loss: () => LossReport
  readonly #leave = () => this.#write()

  constructor(options: {
    readonly folder: string
    readonly keyid: string
    readonly instanceId: string
    readonly loss: () => LossReport
  }) {
    this.#folder = options.folder
    this.#prefix = `lost-${options.keyid}-`
    this.#file = join(options.folder, `${this.#prefix}${options.instanceId}.json`)
    this.#loss = options.loss
  }

  /** From now on the end of the process leaves a note. */
  watch(): void {
    process.once('exit', this.#leave)
  }

  /** The client was closed: what is left is counted already. */
  unwatch(): void {
    process.removeListener('exit', this.#leave)
  }

  /** Takes the notes of processes before this one; each is taken once. Never throws. */
  takeEarlier(): EarlierLoss {
    let total = NOTHING
    for (const name of this.#notes()) {
      const file = join(this.#folder, name)
      const note = readNote(file)
      try {
        rmSync(file)
      } catch {
        // Another process was quicker and has counted it.
        continue
      }
      total = { lost: total.lost + note.lost, uncertain: total.uncertain + note.uncertain }
    }
    return total
  }

  #notes(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => name.startsWith(this.#prefix) && name.endsWith('.json'))
    } catch {
      return []
    }
  }

  #write(): void {
    const { queued, in_flight: uncertain } = this.#loss()
    if (queued + uncertain === 0) return
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      writeFileSync(this.#file, JSON.stringify({ lost: queued, uncertain }), { mode: 0o600, flag: 'wx' })
    } catch {
      // The process is ending; there is nobody left to tell.
    }
  }
}

function readNote(file: string): EarlierLoss {
  try {
    const note: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof note !== 'object' || note === null) return NOTHING
    return { lost: count(Reflect.get(note, 'lost')), uncertain: count(Reflect.get(note, 'uncertain')) }
  } catch {
    return NOTHING
  }
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0
}
