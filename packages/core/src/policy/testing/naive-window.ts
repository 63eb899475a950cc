/** What one event adds to a window: when, and the value where different ones are counted. */
export interface NaiveHit {
  readonly atMs: number
  readonly value?: string | undefined
}

/**
 * The count of a window around a time, written for clarity: every span of whole sub-buckets with the time in it, one after
 * another; the largest number of events, or of different values, in any.
 */
export function naiveCount(hits: readonly NaiveHit[], atMs: number, seconds: number): number {
  const bucketMs = Math.max(1, Math.floor(seconds / 60)) * 1_000
  const span = Math.max(1, Math.floor((seconds * 1_000) / bucketMs))
  const own = Math.floor(atMs / bucketMs)
  let largest = 0
  for (let first = own - span + 1; first <= own; first++) {
    const inside = hits.filter((hit) => {
      const bucket = Math.floor(hit.atMs / bucketMs)
      return bucket >= first && bucket < first + span
    })
    const values = new Set(inside.map(({ value }, index) => value ?? index))
    largest = Math.max(largest, values.size)
  }
  return largest
}
