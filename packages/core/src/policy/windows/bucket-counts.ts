/**
 * Counts by sub-bucket, ordered by time. Every count of a window, in the SDK and in the engine, is `largest` of such a
 * list.
 */
export class BucketCounts {
  #buckets: Float64Array
  #counts: Float64Array
  #length = 0

  /** @param capacity sub-buckets to have room for at first; more make it grow */
  constructor(capacity = 4) {
    this.#buckets = new Float64Array(capacity)
    this.#counts = new Float64Array(capacity)
  }

  /** Sub-buckets in the list. */
  get length(): number {
    return this.#length
  }

  /** Number of the latest sub-bucket; `undefined` when there is none. */
  get newest(): number | undefined {
    return this.#length === 0 ? undefined : this.#buckets[this.#length - 1]
  }

  /** Adds to the count of a sub-bucket, wherever in time it lies. */
  add(bucket: number, by: number): void {
    let at = this.#length
    while (at > 0 && (this.#buckets[at - 1] ?? 0) > bucket) at -= 1
    if (at > 0 && this.#buckets[at - 1] === bucket) this.#counts[at - 1] = (this.#counts[at - 1] ?? 0) + by
    else this.#insert(at, bucket, by)
  }

  /** Forgets what lies before a sub-bucket. */
  forgetBefore(bucket: number): void {
    let first = 0
    while (first < this.#length && (this.#buckets[first] ?? 0) < bucket) first += 1
    if (first === 0) return
    this.#buckets.copyWithin(0, first, this.#length)
    this.#counts.copyWithin(0, first, this.#length)
    this.#length -= first
  }

  /** Empties the list. */
  clear(): void {
    this.#length = 0
  }

  /** Appends a sub-bucket: for lists made at once, in the order of time or against it, and only asked for `largest`. */
  append(bucket: number, count: number): void {
    this.#insert(this.#length, bucket, count)
  }

  /** The largest sum of any `span` sub-buckets in a row, one of which is `at`. */
  largest(at: number, span: number): number {
    let largest = 0
    let sum = 0
    let first = 0
    for (let next = 0; next < this.#length; next++) {
      const bucket = this.#buckets[next] ?? 0
      if (Math.abs(bucket - at) >= span) {
        // Out of reach lies what is at either end of the list, and in no sum with what is within.
        sum = 0
        first = next + 1
        continue
      }
      sum += this.#counts[next] ?? 0
      while (Math.abs(bucket - (this.#buckets[first] ?? 0)) >= span) {
        sum -= this.#counts[first] ?? 0
        first += 1
      }
      if (sum > largest) largest = sum
    }
    return largest
  }

  #insert(at: number, bucket: number, count: number): void {
    if (this.#length === this.#buckets.length) this.#grow()
    this.#buckets.copyWithin(at + 1, at, this.#length)
    this.#counts.copyWithin(at + 1, at, this.#length)
    this.#buckets[at] = bucket
    this.#counts[at] = count
    this.#length += 1
  }

  #grow(): void {
    const [buckets, counts] = [this.#buckets, this.#counts]
    this.#buckets = new Float64Array(2 * this.#length)
    this.#counts = new Float64Array(2 * this.#length)
    this.#buckets.set(buckets)
    this.#counts.set(counts)
  }
}
