import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Backoff } from './backoff.js'
import { classifyAnswer, parseRetryAfter } from './outcome.js'
import { BoundedQueue, type Lane, type QueueEntry } from './queue.js'

const entry = (line: string, lane: Lane = 'observation', revision = 1): QueueEntry => ({
  line,
  bytes: line.length,
  lane,
  revision,
})
const lines = (entries: readonly QueueEntry[]) => entries.map((each) => each.line)
const ALL = { maxEvents: 1_000, maxBytes: 1_000_000 }

describe('backoff', () => {
  it('doubles its bound up to the maximum and starts again after a success', () => {
    const backoff = new Backoff({ baseMs: 1_000, maxMs: 5_000, random: () => 0.999_999 })
    expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([999, 1999, 3999, 4999])
    backoff.reset()
    expect(backoff.next()).toBe(999)
  })

  it('spreads delays over the whole range and never leaves it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999_999, noNaN: true }), fc.integer({ min: 1, max: 60 }), (random, n) => {
        const backoff = new Backoff({ baseMs: 500, maxMs: 60_000, random: () => random })
        let last = 0
        for (let attempt = 0; attempt < n; attempt += 1) last = backoff.next()
        expect(last).toBe(Math.floor(random * Math.min(60_000, 500 * 2 ** (n - 1))))
      }),
    )
  })
})

describe('bounded queue', () => {
  it('gives entries back in the order in which they came, across lanes', () => {
    const queue = new BoundedQueue({ maxEvents: 10, maxBytes: 100 })
    for (const [line, lane] of [
      ['a', 'observation'],
      ['b', 'decision'],
      ['c', 'observation'],
    ] as const) {
      expect(queue.push(entry(line, lane))).toBe(0)
    }
    expect(lines(queue.take({ maxEvents: 2, maxBytes: 100 }))).toEqual(['a', 'b'])
    expect(lines(queue.take(ALL))).toEqual(['c'])
  })

  it('drops observations first, oldest first, to keep a decision', () => {
    const queue = new BoundedQueue({ maxEvents: 3, maxBytes: 100 })
    for (const line of ['a', 'b', 'c']) queue.push(entry(line))
    expect(queue.push(entry('d', 'decision'))).toBe(1)
    expect(queue.push(entry('e'))).toBe(1)
    expect(lines(queue.take(ALL))).toEqual(['b', 'c', 'd'])
  })

  it('is bounded in bytes and counts every loss', () => {
    const queue = new BoundedQueue({ maxEvents: 100, maxBytes: 10 })
    queue.push(entry('1234'))
    queue.push(entry('5678'))
    expect(queue.push(entry('x'.repeat(9), 'decision'))).toBe(2)
    expect(queue.push(entry('y'.repeat(11), 'decision'))).toBe(1)
    expect(queue.bytes).toBe(9)
  })

  it('keeps a batch to one revision and to its bounds, but always gives one', () => {
    const queue = new BoundedQueue({ maxEvents: 100, maxBytes: 1_000 })
    queue.push(entry('x'.repeat(50), 'decision', 1))
    queue.push(entry('b', 'observation', 1))
    queue.push(entry('c', 'observation', 2))
    expect(queue.take({ maxEvents: 10, maxBytes: 20 })).toHaveLength(1)
    expect(lines(queue.take(ALL))).toEqual(['b'])
    expect(lines(queue.take(ALL))).toEqual(['c'])
    expect(queue.take(ALL)).toEqual([])
  })

  it('loses nothing without saying so', () => {
    const pushes = fc.array(fc.tuple(fc.constantFrom<Lane>('decision', 'observation'), fc.integer({ min: 1, max: 9 })))
    fc.assert(
      fc.property(pushes, (items) => {
        const queue = new BoundedQueue({ maxEvents: 8, maxBytes: 30 })
        let lost = 0
        for (const [lane, size] of items) lost += queue.push(entry('x'.repeat(size), lane))
        expect(queue.events).toBeLessThanOrEqual(8)
        expect(queue.bytes).toBeLessThanOrEqual(30)
        expect(queue.take(ALL).length + lost).toBe(items.length)
        expect([queue.events, queue.bytes]).toEqual([0, 0])
      }),
    )
  })
})

describe('what an answer means', () => {
  it.each([
    [{ status: 202 }, { kind: 'accepted' }],
    [
      { status: 409, code: 'replay' },
      { kind: 'resign', cause: 'status 409, replay' },
    ],
    [
      { status: 401, code: 'clock_skew' },
      { kind: 'resign', cause: 'status 401, clock_skew' },
    ],
    [
      { status: 401, code: 'signature_invalid' },
      { kind: 'unauthorized', cause: 'status 401, signature_invalid' },
    ],
    [{ status: 403 }, { kind: 'unauthorized', cause: 'status 403' }],
    [{ status: 413 }, { kind: 'halve' }],
    [{ status: 422 }, { kind: 'rejected', cause: 'status 422' }],
    [
      { status: 503, retryAfterMs: 7_000 },
      { kind: 'retry', afterMs: 7_000, reached: true, cause: 'status 503' },
    ],
    [
      { status: 429, retryAfterMs: 1e12 },
      { kind: 'retry', afterMs: 600_000, reached: true, cause: 'status 429' },
    ],
    [{ status: 302 }, { kind: 'retry', afterMs: undefined, reached: true, cause: 'status 302' }],
  ])('%j', (answer, outcome) => expect(classifyAnswer(answer)).toEqual(outcome))

  it('reads Retry-After as seconds or as a date, and nothing else', () => {
    const now = Date.parse('Sun, 22 Nov 2026 10:00:00 GMT')
    expect(parseRetryAfter('120', now)).toBe(120_000)
    expect(parseRetryAfter('Sun, 22 Nov 2026 10:00:30 GMT', now)).toBe(30_000)
    expect(parseRetryAfter('Sun, 22 Nov 2026 09:00:00 GMT', now)).toBe(0)
    for (const value of [undefined, '', '-1', '1.5', 'soon', '1e3']) expect(parseRetryAfter(value, now)).toBeUndefined()
  })
})
