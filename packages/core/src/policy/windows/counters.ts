import { BucketChains } from './bucket-chains.js'
import { BucketCounts } from './bucket-counts.js'
import { CELL, CellTable } from './cell-table.js'
import { DistinctValues } from './distinct-values.js'
import type { KeyedHash } from './keyed-hash.js'
import type { KnownWindow, KnownWindows } from './known-windows.js'
import { bucketAt } from './window-grid.js'

/** Further sub-buckets, and sightings of different values, that all counters together may hold, for each counter. */
const PARTS_A_COUNTER = 8
/** Room for the values of a few entities even where few counters are held. */
const LEAST_SIGHTINGS = 100_000
/** Of so many the least valuable goes. */
const CANDIDATES = 8

type Room = 'cell' | 'chain' | 'values'

/** An event's place in a window. */
export interface Moment {
  readonly window: KnownWindow
  readonly bucket: number
  /** Epoch milliseconds. */
  readonly atMs: number
}

/**
 * What a process holds of its windows' counts. A cell has the newest sub-bucket of a counter, and a chain the older ones
 * of the few that have several; for windows of different values, it has those instead. Where there is no room, the least valuable of
 * some makes it.
 */
export class Counters {
  readonly #windows: KnownWindows
  readonly #table: CellTable
  readonly #chains: BucketChains
  /** By number, the values that cells link to. */
  readonly #values: (DistinctValues<number> | undefined)[] = [undefined]
  readonly #freeValues: number[] = []
  readonly #maxSightings: number
  #sightings = 0
  /** Every count of a chain is taken from this list. */
  readonly #list = new BucketCounts(256)
  /** Where the look for the least valuable goes on. */
  #hand = 0
  #dropped = 0

  constructor(maxCounters: number, windows: KnownWindows) {
    this.#windows = windows
    this.#table = new CellTable(maxCounters)
    this.#chains = new BucketChains(maxCounters * PARTS_A_COUNTER)
    this.#maxSightings = Math.max(LEAST_SIGHTINGS, maxCounters * PARTS_A_COUNTER)
  }

  /** Counters held. */
  get size(): number {
    return this.#table.size
  }

  /** Counters that made room for others, whole or but for their newest sub-bucket. */
  get dropped(): number {
    return this.#dropped
  }

  /** The counter of a hash; a negative number when there is none. */
  find(hash: KeyedHash): number {
    return this.#table.find(hash)
  }

  /** A new counter for a hash that has none. */
  add(hash: KeyedHash, { window, atMs }: Moment): number {
    if (this.#table.size >= this.#table.maxCells) {
      this.remove(this.#leastValuable('cell', atMs))
      this.#dropped += 1
    }
    return this.#table.add(hash, window.number)
  }

  /** Removes a counter. Others may move. */
  remove(cell: number): void {
    this.#clear(cell)
    this.#table.remove(cell)
  }

  /** Counts an event. */
  count(cell: number, moment: Moment): void {
    const { words } = this.#table
    const { window, bucket } = moment
    const age = this.#age(cell, bucket)
    const isEmpty = words[cell + CELL.count] === 0
    if (age === 0 && !isEmpty) words[cell + CELL.count] = (words[cell + CELL.count] ?? 0) + 1
    else if (isEmpty || Math.abs(age) >= 2 * window.span) this.#begin(cell, bucket)
    else this.#countBeside(cell, age, moment)
  }

  /** Notes a value, by its hash, that an event was seen with. */
  see(cell: number, value: number, { window, bucket, atMs }: Moment): void {
    if (this.#sightings >= this.#maxSightings) this.#makeRoom('values', atMs)
    const { words } = this.#table
    const age = this.#age(cell, bucket)
    if (words[cell + CELL.count] === 0 || Math.abs(age) >= 2 * window.span) this.#begin(cell, bucket)
    else if (age > 0) words[cell + CELL.bucket] = bucket
    const values = this.#valuesIn(cell) ?? this.#newValues(cell, window.span)
    const before = values.sightings
    values.see(value, bucket)
    this.#sightings += values.sightings - before
    words[cell + CELL.count] = values.size
  }

  /** The largest count of a span with this moment in it. */
  largest(cell: number, { window, bucket }: Moment): number {
    const { words } = this.#table
    if (window.isDistinct) return this.#values[words[cell + CELL.link] ?? 0]?.largest(bucket) ?? 0
    const age = this.#age(cell, bucket)
    const link = words[cell + CELL.link] ?? 0
    const count = words[cell + CELL.count] ?? 0
    if (link === 0) return Math.abs(age) < window.span ? count : 0
    // Nearly every event is in the newest sub-bucket, and what lies behind that has been looked at.
    return age === 0 ? count + this.#chains.nearest(link) : this.#search(cell, window.span, bucket)
  }

  /** As `largest`, as if an event had been counted, or seen with a value. */
  largestWith(cell: number, value: number | undefined, moment: Moment): number {
    if (value === undefined) return this.largest(cell, moment) + 1
    return this.#valuesIn(cell)?.largestWith(value, moment.bucket) ?? 1
  }

  /** Forgets what a counter holds of the time before a sub-bucket. Other counters may move. */
  forgetBefore(cell: number, { window, bucket }: Pick<Moment, 'window' | 'bucket'>): void {
    const { words } = this.#table
    const link = words[cell + CELL.link] ?? 0
    const values = this.#valuesIn(cell)
    if (this.#age(cell, bucket) > 0) this.remove(cell)
    else if (values === undefined) {
      words[cell + CELL.link] = this.#chains.cutBefore(link, bucket)
      this.#noteNearest(cell, window)
    } else {
      const before = values.sightings
      values.forgetBefore(bucket)
      this.#sightings += values.sightings - before
    }
  }

  /** Removes counters whose time is over. @returns numbers of the windows that any counter is left of */
  removeExpired(atMs: number): ReadonlySet<number> {
    const { words } = this.#table
    const left = new Set<number>()
    for (let cell = 0; cell < words.length; cell += CELL.words) {
      while (words[cell + CELL.window] !== 0 && this.#isOver(cell, atMs)) this.remove(cell)
    }
    for (let at = CELL.window; at < words.length; at += CELL.words) if (words[at] !== 0) left.add(words[at] ?? 0)
    return left
  }

  #search(cell: number, span: number, bucket: number): number {
    const { words } = this.#table
    const list = this.#list
    list.clear()
    list.append(bucket - this.#age(cell, bucket), words[cell + CELL.count] ?? 0)
    this.#chains.read(words[cell + CELL.link] ?? 0, bucket, list)
    return list.largest(bucket, span)
  }

  /** Notes, after a change of a counter's chain, what it adds to an event in the newest sub-bucket. */
  #noteNearest(cell: number, { span }: KnownWindow): void {
    const { words } = this.#table
    const link = words[cell + CELL.link] ?? 0
    if (link === 0) return
    const largest = this.#search(cell, span, words[cell + CELL.bucket] ?? 0)
    this.#chains.noteNearest(link, largest - (words[cell + CELL.count] ?? 0))
  }

  /** Empties a counter, for events from a sub-bucket on. */
  #begin(cell: number, bucket: number): void {
    const { words } = this.#table
    this.#clear(cell)
    words[cell + CELL.bucket] = bucket
    words[cell + CELL.count] = 1
  }

  #clear(cell: number): void {
    const { words } = this.#table
    const link = words[cell + CELL.link] ?? 0
    if (link === 0) return
    words[cell + CELL.link] = 0
    if (!this.#isDistinct(cell)) {
      this.#chains.release(link)
      return
    }
    this.#sightings -= this.#values[link]?.sightings ?? 0
    this.#values[link] = undefined
    this.#freeValues.push(link)
  }

  /** Counts an event in another sub-bucket than the newest. */
  #countBeside(cell: number, age: number, { window, bucket, atMs }: Moment): void {
    if (this.#chains.isFull) this.#makeRoom('chain', atMs)
    const { words } = this.#table
    const link = words[cell + CELL.link] ?? 0
    if (age < 0) words[cell + CELL.link] = this.#chains.addLate(link, bucket | 0)
    else {
      const kept = this.#chains.cutBefore(link, bucket - 2 * window.span + 1)
      const first = this.#chains.push(kept, words[cell + CELL.bucket] ?? 0, words[cell + CELL.count] ?? 0)
      words[cell + CELL.link] = first
      words[cell + CELL.bucket] = bucket
      words[cell + CELL.count] = 1
    }
    this.#noteNearest(cell, window)
  }

  #isDistinct(cell: number): boolean {
    return this.#windows.at(this.#table.words[cell + CELL.window] ?? 0)?.isDistinct === true
  }

  /** The values that a counter of different ones holds. */
  #valuesIn(cell: number): DistinctValues<number> | undefined {
    return this.#isDistinct(cell) ? this.#values[this.#table.words[cell + CELL.link] ?? 0] : undefined
  }

  #newValues(cell: number, span: number): DistinctValues<number> {
    const values = new DistinctValues<number>({ span, isBounded: true })
    const number = this.#freeValues.pop() ?? this.#values.length
    this.#values[number] = values
    this.#table.words[cell + CELL.link] = number
    return values
  }

  /** Takes from the least valuable counter that has some what it holds beside its cell. */
  #makeRoom(room: 'chain' | 'values', atMs: number): void {
    const cell = this.#leastValuable(room, atMs)
    if (cell < 0) return
    this.#clear(cell)
    this.#dropped += 1
  }

  #leastValuable(room: Room, atMs: number): number {
    let least = -1
    let leastWorth = Infinity
    let candidates = 0
    for (let left = this.#table.size; left > 0 && candidates < CANDIDATES; left--) {
      const cell = this.#table.nextUsed(this.#hand)
      this.#hand = cell + CELL.words
      if (!this.#takes(room, cell)) continue
      candidates += 1
      const worth = this.#worth(cell, atMs)
      if (worth >= leastWorth) continue
      least = cell
      leastWorth = worth
    }
    return least
  }

  #takes(room: Room, cell: number): boolean {
    if (room === 'cell') return true
    return this.#table.words[cell + CELL.link] !== 0 && this.#isDistinct(cell) === (room === 'values')
  }

  /** Whether nothing a counter holds can share a span with an event of this time, even of one a span later. */
  #isOver(cell: number, atMs: number): boolean {
    const window = this.#windows.at(this.#table.words[cell + CELL.window] ?? 0)
    return window === undefined || Math.abs(this.#age(cell, bucketAt(window, atMs))) >= 2 * window.span
  }

  /** How many sub-buckets lie between a counter's newest and another. */
  #age(cell: number, bucket: number): number {
    return (bucket - (this.#table.words[cell + CELL.bucket] ?? 0)) | 0
  }

  /** Nothing for a counter whose time is over; else its events, and of equals the one seen last is worth more. */
  #worth(cell: number, atMs: number): number {
    const { words } = this.#table
    const window = this.#windows.at(words[cell + CELL.window] ?? 0)
    if (window === undefined || this.#isOver(cell, atMs)) return 0
    const older = window.isDistinct ? 0 : this.#chains.total(words[cell + CELL.link] ?? 0)
    const age = Math.max(0, this.#age(cell, bucketAt(window, atMs)))
    return (words[cell + CELL.count] ?? 0) + older + 1 / (2 + age)
  }
}
