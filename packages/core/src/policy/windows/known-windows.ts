import type { Contribution } from '../decision/match.js'
import type { HashState, KeyedHash } from './keyed-hash.js'
import { type WindowGrid, windowGrid } from './window-grid.js'

/** A window that a counter holds something of, or may. */
export interface KnownWindow extends WindowGrid {
  /** How cells name it; 1 and up. */
  readonly number: number
  /** Whether it counts different values. */
  readonly isDistinct: boolean
  /** Where the hashes of its counters begin. */
  readonly hashState: HashState
}

/** Fewer than that are never looked through for ones that are no longer used. */
const FEW = 1_024

/** Windows by identity and by number. */
export class KnownWindows {
  readonly #hash: KeyedHash
  readonly #byId = new Map<string, KnownWindow>()
  readonly #byNumber: (KnownWindow | undefined)[] = [undefined]
  readonly #freeNumbers: number[] = []
  #most = FEW

  constructor(hash: KeyedHash) {
    this.#hash = hash
  }

  /** The window that an event adds to, known from here on. */
  of({ windowId, seconds, distinct }: Contribution): KnownWindow {
    const known = this.#byId.get(windowId)
    if (known !== undefined) return known
    const number = this.#freeNumbers.pop() ?? this.#byNumber.length
    const isDistinct = distinct !== undefined
    const window = { ...windowGrid(seconds), number, isDistinct, hashState: this.#hash.begin(windowId) }
    this.#byId.set(windowId, window)
    this.#byNumber[number] = window
    return window
  }

  /** The window of a cell. */
  at(number: number): KnownWindow | undefined {
    return this.#byNumber[number]
  }

  /** Whether it is time to call `keep`: policies have changed so often that most windows are probably of the past. */
  get areMany(): boolean {
    return this.#byId.size >= this.#most
  }

  /** Forgets all windows but these. */
  keep(numbers: ReadonlySet<number>): void {
    for (const [id, { number }] of this.#byId) {
      if (numbers.has(number)) continue
      this.#byId.delete(id)
      this.#byNumber[number] = undefined
      this.#freeNumbers.push(number)
    }
    this.#most = Math.max(FEW, 2 * this.#byId.size)
  }
}
