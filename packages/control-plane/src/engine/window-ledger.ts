import { createHash } from 'node:crypto'
import {
  BucketCounts,
  bucketAt,
  type CountingScope,
  DistinctValues,
  firstBucketFrom,
  LIMITS,
  type WindowGrid,
  windowGrid,
} from '@esper/core'
import { BUCKETS_A_PAGE } from './documents.js'

/** One event's addition to one window. */
export interface WindowHit {
  readonly tenantId: string
  readonly scope: CountingScope
  readonly windowId: string
  readonly entityKey: string
  readonly seconds: number
  /** Where different values are counted. */
  readonly distinct?: string | undefined
}

/** What is stored of a page, by sub-bucket. */
export interface PageCounts {
  readonly counts: ReadonlyMap<number, number>
  readonly values: ReadonlyMap<number, readonly string[]>
}

/** What a claim adds to a page, by sub-bucket. */
export interface PageChange {
  readonly id: string
  readonly counts: Map<number, number>
  readonly values: Map<number, Set<string>>
  /** End of the page's time, epoch milliseconds. */
  readonly endsAt: number
  readonly seconds: number
}

/** What the counts of one window, counting scope and entity are stored under. */
function windowName({ tenantId, scope, windowId, entityKey }: WindowHit): string {
  return `${tenantId}:${scope}:${windowId}:${entityKey}`
}

/** Numbers of the pages that can share a span with an event at this time. */
function pagesAround(grid: WindowGrid, atMs: number): readonly number[] {
  const bucket = bucketAt(grid, atMs)
  const first = Math.floor((bucket - grid.span + 1) / BUCKETS_A_PAGE)
  const last = Math.floor((bucket + grid.span - 1) / BUCKETS_A_PAGE)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** Ids of every page that can share a span with an event at this time. */
export function pagesOf(hit: WindowHit, atMs: number): readonly string[] {
  const name = windowName(hit)
  return pagesAround(windowGrid(hit.seconds), atMs).map((page) => `${name}:${page}`)
}

interface HitTime {
  readonly atMs: number
  /** A release forgets what was before. In one claim it is the same for all events of a window and entity. */
  readonly notBefore: number
}

/** One window of a counting scope and entity during a claim: what is stored around its events, and those events. */
class LedgerWindow {
  readonly grid: WindowGrid
  readonly #name: string
  readonly #stored: ReadonlyMap<string, PageCounts>
  readonly #from: number
  readonly #counts = new BucketCounts()
  readonly #values: DistinctValues<string>
  readonly #loaded = new Set<number>()

  constructor(hit: WindowHit, stored: ReadonlyMap<string, PageCounts>, notBefore: number) {
    this.grid = windowGrid(hit.seconds)
    this.#name = windowName(hit)
    this.#stored = stored
    this.#from = firstBucketFrom(this.grid, notBefore)
    this.#values = new DistinctValues({ span: this.grid.span, isBounded: false })
  }

  add(bucket: number, value: string | undefined): void {
    if (bucket < this.#from) return
    if (value === undefined) this.#counts.add(bucket, 1)
    else this.#values.see(value, bucket)
  }

  largest(bucket: number, value: string | undefined): number {
    return value === undefined ? this.#counts.largest(bucket, this.grid.span) : this.#values.largest(bucket)
  }

  largestWith(bucket: number, value: string | undefined): number {
    if (bucket < this.#from) return this.largest(bucket, value)
    return value === undefined ? this.largest(bucket, value) + 1 : this.#values.largestWith(value, bucket)
  }

  /** Takes in what is stored around a time. */
  load(atMs: number): void {
    for (const page of pagesAround(this.grid, atMs)) {
      if (this.#loaded.has(page)) continue
      this.#loaded.add(page)
      const stored = this.#stored.get(`${this.#name}:${page}`)
      if (stored !== undefined) this.#takeIn(stored, page * BUCKETS_A_PAGE)
    }
  }

  #takeIn({ counts, values }: PageCounts, first: number): void {
    for (const [index, count] of counts) if (first + index >= this.#from) this.#counts.add(first + index, count)
    for (const [index, some] of values) for (const value of some) this.add(first + index, value)
  }
}

/**
 * The windows of a claim while it is decided: what is stored, plus what its events add one after another. Made anew for
 * each try of the transaction.
 */
export class WindowLedger {
  readonly #stored: ReadonlyMap<string, PageCounts>
  readonly #windows = new Map<string, LedgerWindow>()
  readonly #changes = new Map<string, PageChange>()

  constructor(stored: ReadonlyMap<string, PageCounts>) {
    this.#stored = stored
  }

  /** Counts an event. @returns the largest count of a span that contains it; sub-buckets before `notBefore` are forgotten */
  hit(hit: WindowHit, atMs: number, notBefore = 0): number {
    const window = this.#window(hit, { atMs, notBefore })
    const bucket = bucketAt(window.grid, atMs)
    const value = hit.distinct === undefined ? undefined : valueHash(hit.distinct)
    this.#note(hit, bucket, value)
    window.add(bucket, value)
    return window.largest(bucket, value)
  }

  /** The count as it would be with an event, which is not counted; otherwise as `hit` gives it. */
  countWith(hit: WindowHit, atMs: number, notBefore = 0): number {
    const window = this.#window(hit, { atMs, notBefore })
    return window.largestWith(
      bucketAt(window.grid, atMs),
      hit.distinct === undefined ? undefined : valueHash(hit.distinct),
    )
  }

  #window(hit: WindowHit, { atMs, notBefore }: HitTime): LedgerWindow {
    const name = windowName(hit)
    const window = this.#windows.get(name) ?? new LedgerWindow(hit, this.#stored, notBefore)
    this.#windows.set(name, window)
    window.load(atMs)
    return window
  }

  /** Puts down what has to be written. */
  #note(hit: WindowHit, bucket: number, value: string | undefined): void {
    const page = Math.floor(bucket / BUCKETS_A_PAGE)
    const index = bucket - page * BUCKETS_A_PAGE
    const id = `${windowName(hit)}:${page}`
    const endsAt = (page + 1) * BUCKETS_A_PAGE * windowGrid(hit.seconds).bucketMs
    const change = this.#changes.get(id) ?? { id, counts: new Map(), values: new Map(), endsAt, seconds: hit.seconds }
    this.#changes.set(id, change)
    if (value === undefined) change.counts.set(index, (change.counts.get(index) ?? 0) + 1)
    else this.#noteValue(change, index, value)
  }

  /** A sub-bucket keeps as many values as a threshold may ask for: beyond that the count no longer matters. */
  #noteValue(change: PageChange, index: number, value: string): void {
    const stored = this.#stored.get(change.id)?.values.get(index) ?? []
    const added = change.values.get(index) ?? new Set()
    if (stored.includes(value) || stored.length + added.size >= LIMITS.distinctValues) return
    change.values.set(index, added.add(value))
  }

  /** Everything added, in the order of ids so that all workers write in one order. */
  changes(): readonly PageChange[] {
    return [...this.#changes.values()]
      .filter((change) => change.counts.size + change.values.size > 0)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}

/** Short hash of a value: 72 bits tell a thousand values apart. */
function valueHash(value: string): string {
  return createHash('sha256').update(value).digest('base64url').slice(0, 12)
}
