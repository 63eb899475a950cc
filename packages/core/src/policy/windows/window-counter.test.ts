import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Contribution } from '../decision/match.js'
import { type NaiveHit, naiveCount } from '../testing/naive-window.js'
import { WindowCounter } from './window-counter.js'

const T0 = 1_700_000_000_000
const SEED = [0x5eed, 0xcafe] as const

function contribution(name: string, seconds = 60, distinct?: string): Contribution {
  const entity = { definitionId: 'e', pairs: [], text: name }
  const windowId = `w${seconds}${distinct === undefined ? '' : 'd'}`
  return { windowId, entity, seconds, ...(distinct === undefined ? {} : { distinct }) }
}

interface Step extends NaiveHit {
  readonly name: string
}

const someSeconds = fc.constantFrom(1, 2, 5, 59, 60, 61, 90, 119, 120, 600, 3_600)

/** Events of a few entities, going on in time by up to half a window each, some of them up to a window late. */
function someSteps(seconds: number): fc.Arbitrary<readonly Step[]> {
  const windowMs = seconds * 1_000
  const step = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    value: fc.constantFrom('x', 'y', 'z', 'x2'),
    forwardMs: fc.oneof(fc.constant(0), fc.nat({ max: 2_000 }), fc.nat({ max: windowMs / 2 })),
    lateMs: fc.oneof(fc.constant(0), fc.nat({ max: windowMs - 1 })),
  })
  return fc.array(step, { minLength: 1, maxLength: 120 }).map((steps) => {
    let newest = T0
    return steps.map(({ name, value, forwardMs, lateMs }) => {
      newest += forwardMs
      return { name, value, atMs: newest - lateMs }
    })
  })
}

const someStream = someSeconds.chain((seconds) => someSteps(seconds).map((steps) => ({ seconds, steps })))

describe('the counter of a process', () => {
  it('says of every event what all events so far say, late ones too', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(someStream, ({ seconds, steps }) => {
        const counter = new WindowCounter({ seed: SEED })
        for (const [index, { name, atMs, value }] of steps.entries()) {
          const known = steps.slice(0, index).filter((step) => step.name === name)
          const soFar = [...known, { atMs, value }]
          const events = soFar.map((hit) => ({ atMs: hit.atMs }))
          const [counted, different] = [contribution(name, seconds), contribution(name, seconds, value)]
          expect(counter.countWith(counted, atMs)).toBe(naiveCount(events, atMs, seconds))
          expect(counter.countWith(different, atMs)).toBe(naiveCount(soFar, atMs, seconds))
          expect(counter.hit(counted, atMs)).toBe(naiveCount(events, atMs, seconds))
          expect(counter.hit(different, atMs)).toBe(naiveCount(soFar, atMs, seconds))
          expect(counter.peek(counted, atMs)).toBe(naiveCount(events, atMs, seconds))
        }
        expect(counter.dropped).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('counts the whole policy where there is no entity', () => {
    const counter = new WindowCounter({ seed: SEED })
    const whole = { windowId: 'w60', entity: undefined, seconds: 60 }
    expect([counter.hit(whole, T0), counter.hit(whole, T0 + 1_000)]).toEqual([1, 2])
    expect(counter.peek(contribution('a'), T0)).toBe(0)
  })

  it('lets the window slide', () => {
    const counter = new WindowCounter({ seed: SEED })
    for (const at of [0, 10, 20]) counter.hit(contribution('a'), T0 + at * 1_000)
    expect(counter.hit(contribution('a'), T0 + 65_000)).toBe(3)
    expect(counter.hit(contribution('a'), T0 + 200_000)).toBe(1)
  })

  it('begins anew when the clock is set back', () => {
    const counter = new WindowCounter({ seed: SEED })
    for (const at of [3_600, 3_601, 0, 1, 2]) counter.hit(contribution('a'), T0 + at * 1_000)
    expect(counter.peek(contribution('a'), T0 + 2_000)).toBe(3)
  })

  it('goes on where the numbers of sub-buckets pass 32 bits', () => {
    const counter = new WindowCounter({ seed: SEED })
    for (const border of [2 ** 31, 2 ** 32]) {
      const counts = [-2, -1, 0, 1].map((second) => counter.hit(contribution('a'), (border + second) * 1_000))
      expect(counts).toEqual([1, 2, 3, 4])
    }
  })

  it('forgets what an entity did before a release, and only that', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(someStream, fc.nat({ max: 600_000 }), ({ seconds, steps }, afterMs) => {
        const counter = new WindowCounter({ seed: SEED })
        for (const { name, atMs, value } of steps) {
          counter.hit(contribution(name, seconds), atMs)
          counter.hit(contribution(name, seconds, value), atMs)
        }
        const [before, last] = [T0 + afterMs, Math.max(...steps.map(({ atMs }) => atMs))]
        const bucketMs = Math.max(1, Math.floor(seconds / 60)) * 1_000
        const left = steps.filter(({ atMs }) => Math.floor(atMs / bucketMs) * bucketMs >= before)
        const others = counter.peek(contribution('b', seconds), last)
        counter.forget(contribution('a', seconds), before)
        counter.forget(contribution('a', seconds, ''), before)
        const ofA = left.filter(({ name }) => name === 'a')
        const events = ofA.map(({ atMs }) => ({ atMs }))
        expect(counter.peek(contribution('a', seconds), last)).toBe(naiveCount(events, last, seconds))
        expect(counter.peek(contribution('a', seconds, ''), last)).toBe(naiveCount(ofA, last, seconds))
        expect(counter.peek(contribution('b', seconds), last)).toBe(others)
      }),
      { numRuns: 200 },
    )
  })
})

describe('within its bound a counter', () => {
  it('keeps who comes often, whoever comes by', () => {
    const counter = new WindowCounter({ seed: SEED, maxEntities: 100 })
    for (let index = 0; index < 10_000; index++) {
      counter.hit(contribution(`visitor ${index}`), T0)
      if (index % 10 === 0) counter.hit(contribution('busy'), T0)
    }
    expect(counter.size).toBe(100)
    expect(counter.peek(contribution('busy'), T0)).toBe(1_000)
    expect(counter.dropped).toBe(9_901)
  })

  it('holds as many as it may, each with its exact count, and drops none before', () => {
    const counter = new WindowCounter({ seed: SEED, maxEntities: 5_000 })
    const counts = Array.from({ length: 5_000 }, (_, index) => {
      const times = 1 + (index % 3)
      return Array.from({ length: times }, () => counter.hit(contribution(`visitor ${index}`), T0)).at(-1)
    })
    expect(counts).toEqual(counts.map((_, index) => 1 + (index % 3)))
    expect([counter.size, counter.dropped]).toEqual([5_000, 0])
  })

  it('lets those go first whose time is over', () => {
    const counter = new WindowCounter({ seed: SEED, maxEntities: 100 })
    for (let index = 0; index < 90; index++) for (let n = 0; n < 5; n++) counter.hit(contribution(`old ${index}`), T0)
    const later = T0 + 200_000
    for (let index = 0; index < 30; index++) counter.hit(contribution(`now ${index}`), later)
    const present = Array.from({ length: 30 }, (_, index) => counter.peek(contribution(`now ${index}`), later))
    expect(present).toEqual(present.map(() => 1))
    expect(counter.dropped).toBe(20)
  })

  it('holds no more sub-buckets than it may, and loses them of those who come seldom', () => {
    const counter = new WindowCounter({ seed: SEED, maxEntities: 100 })
    const steps = Array.from({ length: 60 }, (_, second) => T0 + second * 1_000)
    for (const atMs of steps) {
      for (let index = 0; index < 99; index++) counter.hit(contribution(`slow ${index}`), atMs)
      for (let n = 0; n < 50; n++) counter.hit(contribution('busy'), atMs)
    }
    expect(counter.peek(contribution('busy'), T0 + 59_000)).toBe(3_000)
    expect(counter.dropped).toBeGreaterThan(50)
  })

  it('forgets windows that policies no longer have', () => {
    const counter = new WindowCounter({ seed: SEED, maxEntities: 1_000 })
    const edited = (index: number): Contribution => ({ windowId: `w ${index}`, entity: undefined, seconds: 60 })
    for (let index = 0; index < 5_000; index++) counter.hit(edited(index), T0 + index * 1_000)
    expect(counter.size).toBeLessThan(1_000)
    const last = T0 + 4_999_000
    expect([counter.hit(edited(4_999), last), counter.hit(edited(4_998), last)]).toEqual([2, 2])
  })
})

describe('different values are counted', () => {
  const value = (index: number, seconds = 60) => contribution('a', seconds, `"${index}"`)

  it('exactly up to as many as a threshold may ask for', () => {
    const counter = new WindowCounter({ seed: SEED })
    const counts = Array.from({ length: 1_200 }, (_, index) => counter.hit(value(index), T0))
    expect(counts).toEqual(counts.map((_, index) => Math.min(index + 1, 1_000)))
  })

  it('whatever came before', () => {
    const counter = new WindowCounter({ seed: SEED })
    for (let index = 0; index < 3_000; index++) counter.hit(value(index), T0)
    const later = Array.from({ length: 5 }, (_, index) => counter.hit(value(10_000 + index), T0 + 90_000))
    expect(later).toEqual([1, 2, 3, 4, 5])
  })

  it('as exactly when thousands came within a window and some come late', { timeout: 60_000 }, () => {
    const counter = new WindowCounter({ seed: SEED })
    const hits: NaiveHit[] = []
    const hit = (index: number, second: number) => {
      const atMs = T0 + second * 1_000
      hits.push({ atMs, value: `"${index}"` })
      return { n: counter.hit(value(index), atMs), expected: () => Math.min(1_000, naiveCount(hits, atMs, 60)) }
    }
    for (let index = 0; index < 2_600; index++) {
      const { n, expected } = hit(index % 1_300, Math.floor(index / 20))
      if (index % 100 === 0) expect(n).toBe(expected())
    }
    for (const second of [129, 120, 100, 71]) {
      const { n, expected } = hit(9_000 + second, second)
      expect(n).toBe(expected())
    }
  })

  it('in bounded memory, however long the values and however many entities', () => {
    const counter = new WindowCounter({ seed: SEED, maxEntities: 1_000 })
    for (let index = 0; index < 120_000; index++) {
      counter.hit(contribution(`entity ${index % 300}`, 60, `"${index}"`), T0 + Math.floor(index / 1_200) * 1_000)
    }
    expect(counter.dropped).toBeGreaterThan(0)
    expect(counter.size).toBe(300)
  })
})
