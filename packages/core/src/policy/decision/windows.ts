/** Sub-buckets a window is divided into, where it is long enough. */
const BUCKETS = 60

/** Seconds of one sub-bucket of a window: a 60th of it in whole seconds, at least one. */
export function bucketSeconds(seconds: number): number {
  return Math.max(1, Math.floor(seconds / BUCKETS))
}

/** Start of the sub-bucket that holds a time, in epoch milliseconds. */
export function bucketStart(atMs: number, seconds: number): number {
  const lengthMs = bucketSeconds(seconds) * 1_000
  return Math.floor(atMs / lengthMs) * lengthMs
}

/** Sub-buckets in one span of a window; together never longer than `seconds`. */
function spanBuckets(seconds: number): number {
  return Math.max(1, Math.floor(seconds / bucketSeconds(seconds)))
}

/** Events of one sub-bucket; `start` as `bucketStart` gives it. */
export interface BucketCount {
  readonly start: number
  readonly count: number
}

/** The first and last sub-bucket whose events can share a span with an event at this time, in epoch milliseconds. */
export function reachOf(atMs: number, seconds: number): { readonly from: number; readonly to: number } {
  const reachMs = (spanBuckets(seconds) - 1) * bucketSeconds(seconds) * 1_000
  const start = bucketStart(atMs, seconds)
  return { from: start - reachMs, to: start + reachMs }
}

/**
 * The largest number of events in any span of `seconds` that contains the time `atMs`. Counts are given by sub-bucket,
 * in any order, several for one start adding up; those out of reach do not matter.
 */
export function largestCount(buckets: readonly BucketCount[], atMs: number, seconds: number): number {
  const { from, to } = reachOf(atMs, seconds)
  const near = buckets.filter(({ start }) => start >= from && start <= to).sort((one, other) => one.start - other.start)
  let largest = 0
  let sum = 0
  let first = 0
  for (const { start, count } of near) {
    sum += count
    for (
      let oldest = near[first];
      oldest !== undefined && !isOneSpan(oldest.start, start, seconds);
      oldest = near[first]
    ) {
      sum -= oldest.count
      first += 1
    }
    largest = Math.max(largest, sum)
  }
  return largest
}

/** A value seen in a sub-bucket, for windows that count different values. */
export interface BucketValue {
  readonly start: number
  readonly value: string
}

/** As `largestCount`, of different values: one seen several times within a span counts once. */
export function largestDistinct(seen: readonly BucketValue[], atMs: number, seconds: number): number {
  const { from, to } = reachOf(atMs, seconds)
  const near = seen.filter(({ start }) => start >= from && start <= to).sort((one, other) => one.start - other.start)
  const times = new Map<string, number>()
  let largest = 0
  let first = 0
  for (const { start, value } of near) {
    times.set(value, (times.get(value) ?? 0) + 1)
    for (
      let oldest = near[first];
      oldest !== undefined && !isOneSpan(oldest.start, start, seconds);
      oldest = near[first]
    ) {
      const left = (times.get(oldest.value) ?? 1) - 1
      if (left === 0) times.delete(oldest.value)
      else times.set(oldest.value, left)
      first += 1
    }
    largest = Math.max(largest, times.size)
  }
  return largest
}

/** Whether two sub-buckets, by their starts, lie in one span of a window. */
export function isOneSpan(firstStart: number, lastStart: number, seconds: number): boolean {
  return lastStart - firstStart < spanBuckets(seconds) * bucketSeconds(seconds) * 1_000
}
