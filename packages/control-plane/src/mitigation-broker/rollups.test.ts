import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { counterName, GRAIN_MS, segmentsOf } from './rollups.js'

const DAY = GRAIN_MS.day
const time = fc.integer({ min: 0, max: 40 * DAY })

describe('a span of roll-ups', () => {
  test('covers every minute of it once and no other', () => {
    fc.assert(
      fc.property(time, time, (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)]
        const segments = segmentsOf(from, to)
        let next = Math.floor(from / GRAIN_MS.minute) * GRAIN_MS.minute
        for (const segment of segments) {
          expect(segment.from).toBe(next)
          expect(segment.from % GRAIN_MS[segment.grain]).toBe(0)
          expect(segment.to % GRAIN_MS[segment.grain]).toBe(0)
          next = segment.to
        }
        if (segments.length > 0) expect(next).toBe(Math.ceil(to / GRAIN_MS.minute) * GRAIN_MS.minute)
      }),
    )
  })

  test('of a year reads days, and hours and minutes at its ends only', () => {
    const from = 10 * GRAIN_MS.hour + 7 * GRAIN_MS.minute
    const documents = segmentsOf(from, from + 365 * DAY).reduce(
      (sum, { grain, from: start, to }) => sum + (to - start) / GRAIN_MS[grain],
      0,
    )
    expect(documents).toBeLessThan(364 + 24 + 60 + 2)
  })
})

test('names of counters are field names, whatever they are', () => {
  expect(counterName('bad_event:too_deep')).toBe('bad_event:too_deep')
  expect(counterName('a.b$c')).toBe('a_b_c')
  expect(counterName('x'.repeat(100))).toHaveLength(64)
})
