import { LIMITS } from '../../protocol/limits.js'
import { BucketCounts } from './bucket-counts.js'

interface Sighting<V> {
  readonly bucket: number
  readonly value: V
}

export interface DistinctValuesOptions {
  /** Sub-buckets in a span of the window. */
  readonly span: number
  /** Whether to hold only what can share a span with an event that comes up to a span late; else everything is held. */
  readonly isBounded: boolean
}

/** Enough that, of the values around any event, no more go than leave as many as a threshold may ask for. */
const MOST_HELD = 2 * LIMITS.distinctValues
/** So many more may come before those go: taking one out of a map for each that comes would be slow. */
const SLACK = LIMITS.distinctValues / 2

/**
 * The different values that one entity was seen with, for windows with `distinct`. Each value is known by a short hash.
 * Counts are exact up to the most a threshold may ask for, and that number from there on.
 */
export class DistinctValues<V> {
  readonly #span: number
  readonly #isBounded: boolean
  /** By value the sub-buckets it was seen in, ascending; the values in the order in which they were last seen. */
  readonly #seen = new Map<V, number[]>()
  /** How many values were last seen in a sub-bucket: for an event that is the newest, their sum is what it asks for. */
  readonly #latest = new BucketCounts()
  #sightings = 0
  /** The newest sub-bucket when values were last forgotten. */
  #pruned = -Infinity

  constructor({ span, isBounded }: DistinctValuesOptions) {
    this.#span = span
    this.#isBounded = isBounded
  }

  /** Different values held. */
  get size(): number {
    return this.#seen.size
  }

  /** Pairs of value and sub-bucket held: what it takes of memory. */
  get sightings(): number {
    return this.#sightings
  }

  /** Notes a value in a sub-bucket. */
  see(value: V, bucket: number): void {
    const buckets = this.#seen.get(value)
    const last = buckets?.at(-1)
    if (buckets === undefined || last === undefined) {
      this.#seen.set(value, [bucket])
      this.#latest.add(bucket, 1)
      this.#sightings += 1
    } else if (bucket > last) {
      buckets.push(bucket)
      this.#sightings += 1
      this.#latest.add(last, -1)
      this.#latest.add(bucket, 1)
      this.#seen.delete(value)
      this.#seen.set(value, buckets)
    } else if (!buckets.includes(bucket)) {
      buckets.splice(
        buckets.findIndex((other) => other > bucket),
        0,
        bucket,
      )
      this.#sightings += 1
    }
    if (this.#isBounded) this.#bound(value)
  }

  /** How many different values the best `span` sub-buckets in a row hold, one of which is `at`. */
  largest(at: number): number {
    const count = this.#isNewest(at) ? this.#latest.largest(at, this.#span) : this.#search(this.#around(at))
    return Math.min(count, LIMITS.distinctValues)
  }

  /** As `largest`, as if this value had been seen at `at`. */
  largestWith(value: V, at: number): number {
    if (!this.#isNewest(at)) {
      return Math.min(this.#search([...this.#around(at), { bucket: at, value }]), LIMITS.distinctValues)
    }
    const last = this.#seen.get(value)?.at(-1)
    const isNew = last === undefined || at - last >= this.#span
    return Math.min(this.#latest.largest(at, this.#span) + (isNew ? 1 : 0), LIMITS.distinctValues)
  }

  /** Forgets what lies before a sub-bucket. */
  forgetBefore(bucket: number): void {
    for (const [value, buckets] of this.#seen) {
      const kept = buckets.filter((each) => each >= bucket)
      this.#sightings -= buckets.length - kept.length
      if (kept.length === 0) this.#seen.delete(value)
      else this.#seen.set(value, kept)
    }
    this.#latest.forgetBefore(bucket)
  }

  #isNewest(at: number): boolean {
    return at >= (this.#latest.newest ?? at)
  }

  /** Forgets what cannot share a span with an event to come, of the value just seen at once, of others now and then. */
  #bound(justSeen: V): void {
    const newest = this.#latest.newest ?? 0
    const before = newest - 2 * this.#span + 1
    const own = this.#seen.get(justSeen)
    while (own !== undefined && own.length > 1 && (own[0] ?? before) < before) {
      own.shift()
      this.#sightings -= 1
    }
    if (newest > this.#pruned || this.#seen.size > MOST_HELD + SLACK) this.#prune(before)
    this.#pruned = newest
  }

  #prune(before: number): void {
    for (const [value, buckets] of this.#seen) {
      const last = buckets.at(-1) ?? before
      if (last >= before && this.#seen.size <= MOST_HELD) break
      this.#seen.delete(value)
      this.#sightings -= buckets.length
      this.#latest.add(last, -1)
    }
    this.#latest.forgetBefore(before)
  }

  #around(at: number): Sighting<V>[] {
    const found: Sighting<V>[] = []
    for (const [value, buckets] of this.#seen) {
      for (const bucket of buckets) if (Math.abs(bucket - at) < this.#span) found.push({ bucket, value })
    }
    return found
  }

  /** Most different values in any span, by sliding one over all sightings. */
  #search(sightings: Sighting<V>[]): number {
    const ordered = sightings.sort((one, other) => one.bucket - other.bucket)
    const times = new Map<V, number>()
    let largest = 0
    let first = 0
    for (const { bucket, value } of ordered) {
      times.set(value, (times.get(value) ?? 0) + 1)
      for (let oldest = ordered[first]; oldest !== undefined; oldest = ordered[first]) {
        if (bucket - oldest.bucket < this.#span) break
        const left = (times.get(oldest.value) ?? 1) - 1
        if (left === 0) times.delete(oldest.value)
        else times.set(oldest.value, left)
        first += 1
      }
      largest = Math.max(largest, times.size)
    }
    return largest
  }
}
