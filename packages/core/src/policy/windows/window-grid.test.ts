import { describe, expect, it } from 'vitest'
import { bucketAt, firstBucketFrom, windowGrid } from './window-grid.js'

describe('a window', () => {
  it.each([
    { seconds: 1, bucketMs: 1_000, span: 1 },
    { seconds: 59, bucketMs: 1_000, span: 59 },
    { seconds: 60, bucketMs: 1_000, span: 60 },
    { seconds: 119, bucketMs: 1_000, span: 119 },
    { seconds: 120, bucketMs: 2_000, span: 60 },
    { seconds: 150, bucketMs: 2_000, span: 75 },
    { seconds: 3_600, bucketMs: 60_000, span: 60 },
    { seconds: 86_400, bucketMs: 1_440_000, span: 60 },
  ])('of $seconds s slides over $span sub-buckets of $bucketMs ms', ({ seconds, ...grid }) => {
    expect(windowGrid(seconds)).toEqual(grid)
  })

  it('has its sub-buckets at whole multiples since the epoch, each with its beginning and without its end', () => {
    const grid = windowGrid(120)
    expect([0, 1_999, 2_000, 3_999].map((atMs) => bucketAt(grid, atMs))).toEqual([0, 0, 1, 1])
  })

  it('keeps of a released entity only sub-buckets that lie wholly behind the release', () => {
    const grid = windowGrid(120)
    expect([2_000, 2_001, 4_000].map((atMs) => firstBucketFrom(grid, atMs))).toEqual([1, 2, 2])
  })
})
