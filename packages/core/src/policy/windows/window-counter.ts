import type { Contribution } from '../decision/match.js'
import { Counters, type Moment } from './counters.js'
import { type HashSeed, KeyedHash } from './keyed-hash.js'
import { type KnownWindow, KnownWindows } from './known-windows.js'
import { bucketAt, firstBucketFrom } from './window-grid.js'

export interface WindowCounterOptions {
  /** Random for each process, so that nobody outside knows which texts share a place. */
  readonly seed: HashSeed
  /** Most counters held at once; default 100,000. */
  readonly maxEntities?: number
}

/**
 * Window counts of one process, in bounded memory: 36 bytes a counter, and 12 for each further sub-bucket of one that has
 * several. Where there is no room the least valuable of some counters makes it: one whose time is over, else the one
 * with the fewest events, counted in `dropped`. Counts are exact for every counter held, in whatever order events come
 * within a span of the window.
 */
export class WindowCounter {
  readonly #hash: KeyedHash
  readonly #windows: KnownWindows
  readonly #counters: Counters

  constructor({ seed, maxEntities = 100_000 }: WindowCounterOptions) {
    this.#hash = new KeyedHash(seed)
    this.#windows = new KnownWindows(this.#hash)
    this.#counters = new Counters(maxEntities, this.#windows)
  }

  /** Counters held now. */
  get size(): number {
    return this.#counters.size
  }

  /** Counters that had to make room so far. */
  get dropped(): number {
    return this.#counters.dropped
  }

  /** Counts an event at `atMs` (epoch milliseconds) and returns the window's count with it. */
  hit(contribution: Contribution, atMs: number): number {
    if (this.#windows.areMany) this.#windows.keep(this.#counters.removeExpired(atMs))
    const moment = this.#moment(contribution, atMs)
    const value = this.#valueOf(contribution)
    const found = this.#find(contribution, moment.window)
    const counter = found < 0 ? this.#counters.add(this.#hash, moment) : found
    if (value === undefined) this.#counters.count(counter, moment)
    else this.#counters.see(counter, value, moment)
    return this.#counters.largest(counter, moment)
  }

  /** The window's count around `atMs`, without counting anything. */
  peek(contribution: Contribution, atMs: number): number {
    const moment = this.#moment(contribution, atMs)
    const counter = this.#find(contribution, moment.window)
    return counter < 0 ? 0 : this.#counters.largest(counter, moment)
  }

  /** The window's count as it would be with this event, without counting it: what an exempt event is judged by. */
  countWith(contribution: Contribution, atMs: number): number {
    const moment = this.#moment(contribution, atMs)
    const value = this.#valueOf(contribution)
    const counter = this.#find(contribution, moment.window)
    return counter < 0 ? 1 : this.#counters.largestWith(counter, value, moment)
  }

  /** Forgets what an entity did before `beforeMs`, to the sub-bucket; all of it without a time. */
  forget(contribution: Contribution, beforeMs = Infinity): void {
    const window = this.#windows.of(contribution)
    const counter = this.#find(contribution, window)
    if (counter < 0) return
    if (beforeMs === Infinity) this.#counters.remove(counter)
    else this.#counters.forgetBefore(counter, { window, bucket: firstBucketFrom(window, beforeMs) })
  }

  #moment(contribution: Contribution, atMs: number): Moment {
    const window = this.#windows.of(contribution)
    return { window, bucket: bucketAt(window, atMs), atMs }
  }

  #find({ entity }: Contribution, { hashState }: KnownWindow): number {
    this.#hash.finish(entity?.text ?? '', hashState)
    return this.#counters.find(this.#hash)
  }

  /** 53 bits tell a thousand values apart, whatever their length. */
  #valueOf({ distinct }: Contribution): number | undefined {
    if (distinct === undefined) return undefined
    this.#hash.finish(distinct)
    const { low, high } = this.#hash
    return (high & 0x1fffff) * 2 ** 32 + (low >>> 0)
  }
}
