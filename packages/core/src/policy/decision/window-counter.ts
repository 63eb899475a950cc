import { LIMITS } from '../../protocol/limits.js'
import type { Contribution } from './match.js'
import { type BucketValue, bucketStart, isOneSpan, largestCount, largestDistinct, reachOf } from './windows.js'

interface Cell {
  /** Counts by start of sub-bucket. */
  readonly counts: Map<number, number>
  /** For windows of different values: by value, the starts of the sub-buckets it was seen in. */
  readonly values: Map<string, Set<number>>
  /** Starts of the first and last sub-bucket in use, and the sum of `counts`. */
  first: number
  last: number
  total: number
}

/** Which counters to forget: of one window identity, for one entity's text or, without it, the whole policy. */
export interface ForgetTarget {
  readonly windowId: string
  readonly entityText: string | undefined
}

/**
 * Window counts of one process, bounded: of more than `maxEntities` counters those not touched for longest go. Two
 * generations stand in for a list in order of use: a touched counter moves to the young one; when that holds half of
 * the bound, it becomes the old one and what was old is dropped.
 */
export class WindowCounter {
  readonly #half: number
  #young = new Map<string, Cell>()
  #old = new Map<string, Cell>()
  #dropped = 0

  /** @param options.maxEntities Most counters held at once; default 100,000. */
  constructor({ maxEntities = 100_000 }: { readonly maxEntities?: number } = {}) {
    this.#half = Math.max(1, Math.floor(maxEntities / 2))
  }

  /** Counters held now. */
  get size(): number {
    let shared = 0
    for (const key of this.#young.keys()) if (this.#old.has(key)) shared += 1
    return this.#young.size + this.#old.size - shared
  }

  /** Counters dropped so far to stay within the bound. */
  get dropped(): number {
    return this.#dropped
  }

  /** Counts an event at `atMs` (epoch milliseconds) and returns the window's count with it. */
  hit(contribution: Contribution, atMs: number): number {
    const cell = this.#touch(keyOf(contribution.windowId, contribution.entity?.text))
    const { seconds, distinct } = contribution
    const start = bucketStart(atMs, seconds)
    forgetOutside(cell, atMs, seconds)
    widen(cell, start)
    if (distinct === undefined) {
      cell.counts.set(start, (cell.counts.get(start) ?? 0) + 1)
      cell.total += 1
    } else if (cell.values.has(distinct) || cell.values.size < LIMITS.distinctValues) {
      const starts = cell.values.get(distinct) ?? new Set()
      cell.values.set(distinct, starts.add(start))
    }
    return countOf(cell, contribution, atMs)
  }

  /** The window's count around `atMs`, without counting anything. */
  peek(contribution: Contribution, atMs: number): number {
    const cell = this.#cell(contribution)
    return cell === undefined ? 0 : countOf(cell, contribution, atMs)
  }

  /** The window's count as it would be with this event, without counting it: what an exempt event is judged by. */
  countWith(contribution: Contribution, atMs: number): number {
    const { distinct, seconds } = contribution
    if (distinct === undefined) return this.peek(contribution, atMs) + 1
    const cell = this.#cell(contribution)
    return largestDistinct([...seenIn(cell), { start: bucketStart(atMs, seconds), value: distinct }], atMs, seconds)
  }

  /** Forgets what an entity did before `beforeMs`, to the sub-bucket; all of it without a time. */
  forget(target: ForgetTarget, beforeMs = Infinity): void {
    const key = keyOf(target.windowId, target.entityText)
    for (const generation of [this.#young, this.#old]) {
      const cell = generation.get(key)
      if (cell !== undefined) forgetBefore(cell, beforeMs)
    }
  }

  #cell({ windowId, entity }: Contribution): Cell | undefined {
    const key = keyOf(windowId, entity?.text)
    return this.#young.get(key) ?? this.#old.get(key)
  }

  #touch(key: string): Cell {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    if (this.#young.size >= this.#half) this.#age()
    const cell = this.#old.get(key) ?? emptyCell()
    this.#old.delete(key)
    this.#young.set(key, cell)
    return cell
  }

  #age(): void {
    this.#dropped += this.#old.size
    this.#old = this.#young
    this.#young = new Map()
  }
}

function emptyCell(): Cell {
  return { counts: new Map(), values: new Map(), first: Infinity, last: -Infinity, total: 0 }
}

function keyOf(windowId: string, entityText: string | undefined): string {
  return `${windowId} ${entityText ?? ''}`
}

function countOf(cell: Cell, { seconds, distinct }: Contribution, atMs: number): number {
  const start = bucketStart(atMs, seconds)
  // Nearly always everything a counter holds lies in one span, and nothing has to be searched.
  if (isOneSpan(Math.min(cell.first, start), Math.max(cell.last, start), seconds)) {
    return distinct === undefined ? cell.total : cell.values.size
  }
  if (distinct === undefined) {
    return largestCount(
      Array.from(cell.counts, ([start, count]) => ({ start, count })),
      atMs,
      seconds,
    )
  }
  return largestDistinct(seenIn(cell), atMs, seconds)
}

function seenIn(cell: Cell | undefined): BucketValue[] {
  return [...(cell?.values ?? [])].flatMap(([value, starts]) => Array.from(starts, (start) => ({ start, value })))
}

/** Events come nearly in order; what lies two spans behind the newest can no longer share a span with one to come. */
function forgetOutside(cell: Cell, atMs: number, seconds: number): void {
  const { from } = reachOf(atMs, seconds)
  const { from: oldest } = reachOf(from, seconds)
  if (cell.first < oldest) forgetBefore(cell, oldest)
}

function forgetBefore(cell: Cell, beforeMs: number): void {
  for (const start of cell.counts.keys()) if (start < beforeMs) cell.counts.delete(start)
  for (const [value, starts] of cell.values) {
    for (const start of starts) if (start < beforeMs) starts.delete(start)
    if (starts.size === 0) cell.values.delete(value)
  }
  cell.total = 0
  cell.first = Infinity
  cell.last = -Infinity
  for (const [start, count] of cell.counts) {
    cell.total += count
    widen(cell, start)
  }
  for (const starts of cell.values.values()) for (const start of starts) widen(cell, start)
}

function widen(cell: Cell, start: number): void {
  cell.first = Math.min(cell.first, start)
  cell.last = Math.max(cell.last, start)
}
