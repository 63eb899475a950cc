import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Contribution } from './match.js'
import { WindowCounter } from './window-counter.js'
import { bucketSeconds, bucketStart, largestCount, largestDistinct } from './windows.js'

const T0 = 1_700_000_000_000

function contribution(name: string, seconds = 60, distinct?: string): Contribution {
  const entity = { definitionId: 'e', pairs: [], text: name }
  return { windowId: 'w', entity, seconds, ...(distinct === undefined ? {} : { distinct }) }
}

/** Written for clarity: every span of whole sub-buckets around the event, one after another. */
function naiveCount(times: readonly number[], atMs: number, seconds: number): number {
  const length = bucketSeconds(seconds) * 1_000
  const buckets = Math.floor((seconds * 1_000) / length)
  const own = Math.floor(atMs / length)
  let largest = 0
  for (let first = own - buckets + 1; first <= own; first++) {
    const inside = times.filter(
      (time) => Math.floor(time / length) >= first && Math.floor(time / length) < first + buckets,
    )
    largest = Math.max(largest, inside.length)
  }
  return largest
}

const seconds = fc.constantFrom(1, 2, 5, 59, 60, 61, 90, 119, 120, 600, 3_600, 86_400)
const offsets = fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 60 })

describe('windows', () => {
  it('have sub-buckets of a 60th, at least a second', () => {
    expect([1, 59, 60, 119, 120, 3_600].map(bucketSeconds)).toEqual([1, 1, 1, 1, 2, 60])
    expect(bucketStart(T0 + 61_500, 3_600) % 60_000).toBe(0)
  })

  it('give the largest count of any span with the event in it', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(seconds, offsets, fc.integer({ min: 0, max: 400_000 }), (length, times, at) => {
        const buckets = times.map((time) => ({ start: bucketStart(T0 + time, length), count: 1 }))
        const absolute = times.map((time) => T0 + time)
        expect(largestCount(buckets, T0 + at, length)).toBe(naiveCount(absolute, T0 + at, length))
      }),
      { numRuns: 300 },
    )
  })

  it('count the same in any order and any split of the same events', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(seconds, offsets, fc.infiniteStream(fc.nat()), (length, times, random) => {
        const shuffled = [...times].sort(() => (random.next().value % 2 === 0 ? 1 : -1))
        const at = T0 + Math.max(...times)
        const single = times.map((time) => ({ start: bucketStart(T0 + time, length), count: 1 }))
        const totals = new Map<number, number>()
        for (const time of shuffled) {
          const start = bucketStart(T0 + time, length)
          totals.set(start, (totals.get(start) ?? 0) + 1)
        }
        const merged = Array.from(totals, ([start, count]) => ({ start, count }))
        expect(largestCount(merged, at, length)).toBe(largestCount(single, at, length))
      }),
      { numRuns: 300 },
    )
  })

  it('never count two events further apart than the window', () => {
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 100_000 }), (length, extra) => {
        const [first, last] = [T0, T0 + length * 1_000 + extra]
        const buckets = [first, last].map((time) => ({ start: bucketStart(time, length), count: 1 }))
        expect(largestCount(buckets, last, length)).toBe(1)
      }),
    )
  })

  it('count a value once in a span, however often it comes', () => {
    const seen = ['a', 'a', 'b', 'c'].map((value, index) => ({ start: bucketStart(T0 + index * 20_000, 60), value }))
    expect(largestDistinct(seen, T0 + 40_000, 60)).toBe(3)
    expect(largestDistinct(seen, T0, 60)).toBe(2)
  })
})

describe('the local counter', () => {
  it('counts each entity by itself', () => {
    const counter = new WindowCounter()
    expect([1, 2, 3].map(() => counter.hit(contribution('a'), T0))).toEqual([1, 2, 3])
    expect(counter.hit(contribution('b'), T0)).toBe(1)
    expect(counter.peek(contribution('a'), T0)).toBe(3)
    expect(counter.peek(contribution('c'), T0)).toBe(0)
  })

  it('agrees with the window arithmetic over all events, coming in order', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(seconds, offsets, (length, times) => {
        const counter = new WindowCounter()
        const sorted = [...times].sort((one, other) => one - other).map((time) => T0 + time)
        for (const [index, time] of sorted.entries()) {
          const sofar = sorted.slice(0, index + 1)
          expect(counter.hit(contribution('a', length), time)).toBe(naiveCount(sofar, time, length))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('agrees with it for late events too, as far as they can share a span with the newest', { timeout: 60_000 }, () => {
    const near = fc.array(fc.integer({ min: 0, max: 59_999 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(near, (times) => {
        const counter = new WindowCounter()
        for (const [index, time] of times.entries()) {
          const sofar = times.slice(0, index + 1).map((one) => T0 + one)
          expect(counter.hit(contribution('a', 60), T0 + time)).toBe(naiveCount(sofar, T0 + time, 60))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('lets the window slide', () => {
    const counter = new WindowCounter()
    for (const at of [0, 10, 20]) counter.hit(contribution('a'), T0 + at * 1_000)
    expect(counter.hit(contribution('a'), T0 + 65_000)).toBe(3)
    expect(counter.hit(contribution('a'), T0 + 200_000)).toBe(1)
  })

  it('forgets what an entity did before a release, and only that', () => {
    const counter = new WindowCounter()
    counter.hit(contribution('a'), T0)
    counter.hit(contribution('b'), T0)
    counter.hit(contribution('a'), T0 + 5_000)
    counter.forget({ windowId: 'w', entityText: 'a' }, T0 + 5_000)
    expect(counter.peek(contribution('a'), T0 + 5_000)).toBe(1)
    expect(counter.peek(contribution('b'), T0 + 5_000)).toBe(1)
    counter.forget({ windowId: 'w', entityText: 'b' })
    expect(counter.peek(contribution('b'), T0)).toBe(0)
  })

  it('stays within its bound and keeps what is in use', () => {
    const counter = new WindowCounter({ maxEntities: 100 })
    for (let index = 0; index < 10_000; index++) {
      counter.hit(contribution(`visitor ${index}`), T0)
      if (index % 10 === 0) counter.hit(contribution('busy'), T0)
    }
    expect(counter.size).toBeLessThanOrEqual(100)
    expect(counter.peek(contribution('busy'), T0)).toBe(1_000)
    expect(counter.dropped).toBeGreaterThan(9_000)
  })

  it('counts different values up to its limit', () => {
    const counter = new WindowCounter()
    let n = 0
    for (let index = 0; index < 1_200; index++) n = counter.hit(contribution('a', 60, `"${index}"`), T0)
    expect(n).toBe(1_000)
  })
})
