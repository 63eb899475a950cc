import type { KeyedHash } from './keyed-hash.js'

/** Words of a cell, by what they hold. A cell whose window is 0 is free. */
export const CELL = {
  low: 0,
  high: 1,
  /** Number of the newest sub-bucket, its lower 32 bits. */
  bucket: 2,
  /** Events in the newest sub-bucket. */
  count: 3,
  /** Where its older sub-buckets are, or its values; 0 for none. */
  link: 4,
  /** Which window it belongs to. */
  window: 5,
  /** How many words there are. */
  words: 6,
} as const

/** Fuller than that, looking for a cell takes too many steps. */
const LOAD = 2 / 3

/**
 * One cell a counter, in one piece of memory of a fixed size: open addressing by a 64-bit hash, linear probing. The hash is the
 * counter's identity: of a million counters any two are taken for one with a chance of one in 30 million.
 */
export class CellTable {
  readonly maxCells: number
  readonly #places: number
  readonly #placesPerHash: number
  #words: Int32Array | undefined
  #size = 0

  constructor(maxCells: number) {
    this.maxCells = maxCells
    this.#places = Math.ceil(maxCells / LOAD) + 1
    this.#placesPerHash = this.#places / 2 ** 32
  }

  /** The cells' words; a cell is known by the position of its first. */
  get words(): Int32Array {
    // Taken when the first event is counted: a process whose policies have no windows holds nothing.
    this.#words ??= new Int32Array(this.#places * CELL.words)
    return this.#words
  }

  /** Cells in use. */
  get size(): number {
    return this.#size
  }

  /** The cell of a hash; a negative number when there is none. */
  find({ low, high }: KeyedHash): number {
    const { words } = this
    let cell = this.#home(low) * CELL.words
    while (words[cell + CELL.window] !== 0) {
      if (words[cell] === low && words[cell + CELL.high] === high) return cell
      cell = this.#after(cell)
    }
    return -1
  }

  /** A new cell for a hash that has none, while fewer than `maxCells` are in use. */
  add({ low, high }: KeyedHash, window: number): number {
    const { words } = this
    let cell = this.#home(low) * CELL.words
    while (words[cell + CELL.window] !== 0) cell = this.#after(cell)
    words[cell] = low
    words[cell + CELL.high] = high
    words[cell + CELL.bucket] = 0
    words[cell + CELL.count] = 0
    words[cell + CELL.link] = 0
    words[cell + CELL.window] = window
    this.#size += 1
    return cell
  }

  /** Frees a cell. Others may move: no position found before holds after it. */
  remove(cell: number): void {
    const { words } = this
    let free = cell
    for (let next = this.#after(free); words[next + CELL.window] !== 0; next = this.#after(next)) {
      const home = this.#home(words[next] ?? 0) * CELL.words
      // A cell may move to the free place when that lies on its way from home.
      const isBetween = free <= next ? home > free && home <= next : home > free || home <= next
      if (isBetween) continue
      words.copyWithin(free, next, next + CELL.words)
      free = next
    }
    words[free + CELL.window] = 0
    this.#size -= 1
  }

  /** The cell in use at or after a position, around the end; there must be one. */
  nextUsed(position: number): number {
    const { words } = this
    let cell = position >= words.length ? 0 : position
    while (words[cell + CELL.window] === 0) cell = this.#after(cell)
    return cell
  }

  /** The position after a cell. */
  #after(cell: number): number {
    const next = cell + CELL.words
    return next === this.words.length ? 0 : next
  }

  #home(low: number): number {
    return Math.floor((low >>> 0) * this.#placesPerHash)
  }
}
