import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NaiveHit, naiveCount } from '../testing/naive-window.js'
import { BucketCounts } from './bucket-counts.js'
import { DistinctValues } from './distinct-values.js'
import { bucketAt, windowGrid } from './window-grid.js'

const T0 = 1_700_000_000_000
const someSeconds = fc.constantFrom(1, 2, 5, 59, 60, 61, 90, 119, 120, 600)
const someHits: fc.Arbitrary<readonly NaiveHit[]> = fc.array(
  fc.record({
    atMs: fc.oneof(fc.integer({ min: T0, max: T0 + 400_000 }), fc.integer({ min: T0, max: T0 + 5_000 })),
    value: fc.constantFrom('a', 'b', 'c', 'd'),
  }),
  { minLength: 1, maxLength: 60 },
)
const someTime = fc.integer({ min: T0 - 10_000, max: T0 + 410_000 })

/** A list of the hits, in the order given. */
function counted(hits: readonly NaiveHit[], seconds: number): BucketCounts {
  const counts = new BucketCounts()
  for (const { atMs } of hits) counts.add(bucketAt(windowGrid(seconds), atMs), 1)
  return counts
}

function seen(hits: readonly NaiveHit[], seconds: number): DistinctValues<string> {
  const values = new DistinctValues<string>({ span: windowGrid(seconds).span, isBounded: false })
  for (const { atMs, value = '' } of hits) values.see(value, bucketAt(windowGrid(seconds), atMs))
  return values
}

describe('the count of a window', () => {
  it('is the largest of any span with the event in it', () => {
    fc.assert(
      fc.property(someSeconds, someHits, someTime, (seconds, hits, atMs) => {
        const grid = windowGrid(seconds)
        const events = hits.map((hit) => ({ atMs: hit.atMs }))
        expect(counted(hits, seconds).largest(bucketAt(grid, atMs), grid.span)).toBe(naiveCount(events, atMs, seconds))
      }),
      { numRuns: 400 },
    )
  })

  it('is the same in any order and any split of the same events', () => {
    fc.assert(
      fc.property(someSeconds, someHits, fc.infiniteStream(fc.nat()), (seconds, hits, random) => {
        const grid = windowGrid(seconds)
        const shuffled = hits
          .map((hit) => ({ hit, at: random.next().value }))
          .sort((one, other) => one.at - other.at)
          .map(({ hit }) => hit)
        // Two workers count a part each; the store adds up what they counted, sub-bucket by sub-bucket.
        const merged = new BucketCounts()
        const cut = random.next().value % (hits.length + 1)
        for (const part of [shuffled.slice(0, cut), shuffled.slice(cut)]) {
          const sums = new Map<number, number>()
          for (const { atMs } of part) {
            const bucket = bucketAt(grid, atMs)
            sums.set(bucket, (sums.get(bucket) ?? 0) + 1)
          }
          for (const [bucket, count] of sums) merged.add(bucket, count)
        }
        for (const { atMs } of hits) {
          const at = bucketAt(grid, atMs)
          expect(merged.largest(at, grid.span)).toBe(counted(hits, seconds).largest(at, grid.span))
          expect(seen(shuffled, seconds).largest(at)).toBe(seen(hits, seconds).largest(at))
        }
      }),
    )
  })

  it('never takes two events together that are further apart than the window', () => {
    fc.assert(
      fc.property(someSeconds, fc.integer({ min: 0, max: 100_000 }), (seconds, extra) => {
        const hits = [{ atMs: T0 }, { atMs: T0 + seconds * 1_000 + extra }]
        const grid = windowGrid(seconds)
        expect(counted(hits, seconds).largest(bucketAt(grid, T0 + seconds * 1_000 + extra), grid.span)).toBe(1)
      }),
    )
  })

  it('of different values takes each once in a span, however often it comes', () => {
    fc.assert(
      fc.property(someSeconds, someHits, someTime, (seconds, hits, atMs) => {
        const at = bucketAt(windowGrid(seconds), atMs)
        const values = seen(hits, seconds)
        expect(values.largest(at)).toBe(naiveCount(hits, atMs, seconds))
        expect(values.largestWith('e', at)).toBe(naiveCount([...hits, { atMs, value: 'e' }], atMs, seconds))
        expect(values.largestWith('a', at)).toBe(naiveCount([...hits, { atMs, value: 'a' }], atMs, seconds))
      }),
      { numRuns: 400 },
    )
  })

  it('forgets what lies before a sub-bucket', () => {
    fc.assert(
      fc.property(someSeconds, someHits, someTime, someTime, (seconds, hits, fromMs, atMs) => {
        const grid = windowGrid(seconds)
        const from = bucketAt(grid, fromMs)
        const left = hits.filter((hit) => bucketAt(grid, hit.atMs) >= from)
        const [counts, values] = [counted(hits, seconds), seen(hits, seconds)]
        counts.forgetBefore(from)
        values.forgetBefore(from)
        const at = bucketAt(grid, atMs)
        expect(counts.largest(at, grid.span)).toBe(counted(left, seconds).largest(at, grid.span))
        expect(values.largest(at)).toBe(seen(left, seconds).largest(at))
        expect(values.sightings).toBe(seen(left, seconds).sightings)
      }),
    )
  })
})
