import { createHash } from 'node:crypto'
import {
  type BucketCount,
  type BucketValue,
  bucketSeconds,
  bucketStart,
  type CountingScope,
  LIMITS,
  largestCount,
  largestDistinct,
  reachOf,
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

interface PagePosition {
  readonly id: string
  readonly index: number
  readonly endsAt: number
}

function bucketMs(seconds: number): number {
  return bucketSeconds(seconds) * 1_000
}

function pageAt(hit: WindowHit, startMs: number): PagePosition {
  const lengthMs = bucketMs(hit.seconds) * BUCKETS_A_PAGE
  const page = Math.floor(startMs / lengthMs)
  return {
    id: `${hit.tenantId}:${hit.scope}:${hit.windowId}:${hit.entityKey}:${page}`,
    index: Math.round((startMs - page * lengthMs) / bucketMs(hit.seconds)),
    endsAt: (page + 1) * lengthMs,
  }
}

interface Page {
  readonly id: string
  readonly startMs: number
}

/** Every page that can share a span with an event at this time. */
function pagesAround(hit: WindowHit, atMs: number): readonly Page[] {
  const { from, to } = reachOf(atMs, hit.seconds)
  const lengthMs = bucketMs(hit.seconds) * BUCKETS_A_PAGE
  const pages: Page[] = []
  for (let startMs = Math.floor(from / lengthMs) * lengthMs; startMs <= to; startMs += lengthMs) {
    pages.push({ id: pageAt(hit, startMs).id, startMs })
  }
  return pages
}

/** Ids of every page that can share a span with an event at this time. */
export function pagesOf(hit: WindowHit, atMs: number): readonly string[] {
  return pagesAround(hit, atMs).map(({ id }) => id)
}

const NOTHING: ReadonlyMap<number, number> = new Map()
const NO_VALUES: ReadonlyMap<number, Iterable<string>> = new Map()

/**
 * The windows of a claim while it is decided: what is stored, plus what its events add one after another. Made anew for
 * each try of the transaction.
 */
export class WindowLedger {
  readonly #stored: ReadonlyMap<string, PageCounts>
  readonly #changes = new Map<string, PageChange>()

  constructor(stored: ReadonlyMap<string, PageCounts>) {
    this.#stored = stored
  }

  /** Counts an event. @returns the largest count of a span that contains it; buckets before `notBefore` are forgotten */
  hit(hit: WindowHit, atMs: number, notBefore = 0): number {
    const { id, index, endsAt } = pageAt(hit, bucketStart(atMs, hit.seconds))
    const change = this.#change(id, { endsAt, seconds: hit.seconds })
    if (hit.distinct === undefined) change.counts.set(index, (change.counts.get(index) ?? 0) + 1)
    else this.#addValue(change, index, valueHash(hit.distinct))
    return this.#largest(hit, { atMs, notBefore, isAdded: false })
  }

  /** The count as it would be with an event, which is not counted; otherwise as `hit` gives it. */
  countWith(hit: WindowHit, atMs: number, notBefore = 0): number {
    return this.#largest(hit, { atMs, notBefore, isAdded: true })
  }

  #change(id: string, { endsAt, seconds }: { endsAt: number; seconds: number }): PageChange {
    const known = this.#changes.get(id)
    if (known !== undefined) return known
    const change: PageChange = { id, counts: new Map(), values: new Map(), endsAt, seconds }
    this.#changes.set(id, change)
    return change
  }

  /** A bucket keeps as many values as a threshold may ask for: beyond that the count no longer matters. */
  #addValue(change: PageChange, index: number, value: string): void {
    const stored = this.#stored.get(change.id)?.values.get(index) ?? []
    const added = change.values.get(index) ?? new Set()
    if (stored.includes(value) || stored.length + added.size >= LIMITS.distinctValues) return
    change.values.set(index, added.add(value))
  }

  #largest(
    hit: WindowHit,
    { atMs, notBefore, isAdded }: { readonly atMs: number; readonly notBefore: number; readonly isAdded: boolean },
  ): number {
    const within = ({ start }: { readonly start: number }) => start >= notBefore
    const pages = pagesAround(hit, atMs)
    const start = bucketStart(atMs, hit.seconds)
    if (hit.distinct === undefined) {
      const added: readonly BucketCount[] = isAdded ? [{ start, count: 1 }] : []
      const counts = [...pages.flatMap((page) => this.#counts(hit, page)), ...added]
      return largestCount(counts.filter(within), atMs, hit.seconds)
    }
    const added: readonly BucketValue[] = isAdded ? [{ start, value: valueHash(hit.distinct) }] : []
    const values = [...pages.flatMap((page) => this.#values(hit, page)), ...added]
    return largestDistinct(values.filter(within), atMs, hit.seconds)
  }

  #counts(hit: WindowHit, { id, startMs }: Page): BucketCount[] {
    const parts = [this.#stored.get(id)?.counts ?? NOTHING, this.#changes.get(id)?.counts ?? NOTHING]
    const buckets: BucketCount[] = []
    for (const part of parts) {
      for (const [index, count] of part) buckets.push({ start: startMs + index * bucketMs(hit.seconds), count })
    }
    return buckets
  }

  #values(hit: WindowHit, { id, startMs }: Page): BucketValue[] {
    const parts = [this.#stored.get(id)?.values ?? NO_VALUES, this.#changes.get(id)?.values ?? NO_VALUES]
    const seen: BucketValue[] = []
    for (const part of parts) {
      for (const [index, values] of part) {
        const start = startMs + index * bucketMs(hit.seconds)
        for (const value of values) seen.push({ start, value })
      }
    }
    return seen
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
