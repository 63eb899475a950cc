/** Sub-buckets a window is divided into, where it is long enough. */
const BUCKETS = 60

/** How a window is divided in time. A sub-bucket is known by its number: which one it is since the epoch. */
export interface WindowGrid {
  /** Length of a sub-bucket: a 60th of the window in whole seconds, at least one. */
  readonly bucketMs: number
  /** Sub-buckets in one span of the window; together never longer than the window. */
  readonly span: number
}

/** The grid of a window of so many seconds. */
export function windowGrid(seconds: number): WindowGrid {
  const bucketSeconds = Math.max(1, Math.floor(seconds / BUCKETS))
  return { bucketMs: bucketSeconds * 1_000, span: Math.max(1, Math.floor(seconds / bucketSeconds)) }
}

/** The sub-bucket that holds a time (epoch milliseconds). */
export function bucketAt(grid: WindowGrid, atMs: number): number {
  return Math.floor(atMs / grid.bucketMs)
}

/** The first sub-bucket that holds nothing from before a time: what a release at that time leaves. */
export function firstBucketFrom(grid: WindowGrid, fromMs: number): number {
  return Math.ceil(fromMs / grid.bucketMs)
}
