import { BucketCounts, bucketAt, DistinctValues, WindowCounter, windowGrid } from '@esper/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BUCKETS_A_PAGE } from './documents.js'
import { withChanges } from './testing/memory-engine.js'
import { type PageCounts, pagesOf, type WindowHit, WindowLedger } from './window-ledger.js'

const HIT: WindowHit = { tenantId: 'ten', scope: 'tenant', windowId: 'win', entityKey: 'key', seconds: 60 }
const START = 1_700_000_000_000

/** A store, and the ledger of the claim that is being decided. */
class Store {
  #pages: ReadonlyMap<string, PageCounts> = new Map()
  ledger = new WindowLedger(this.#pages)

  commit(): void {
    this.#pages = withChanges(this.#pages, this.ledger.changes())
    this.ledger = new WindowLedger(this.#pages)
  }
}

/** Offsets in milliseconds, with the ends of the claims they come in. */
const streams = fc.array(
  fc.record({
    offset: fc.integer({ min: 0, max: 400_000 }),
    cut: fc.boolean(),
    value: fc.constantFrom('a', 'b', 'c'),
    lateMs: fc.oneof(fc.constant(0), fc.nat({ max: 100_000 })),
  }),
  { maxLength: 60 },
)
const windows = fc.constantFrom(1, 5, 59, 60, 90, 119, 120, 300, 3_600)

describe('the windows of a claim', () => {
  test('count as one list of all events does, however the events are cut into claims', () => {
    fc.assert(
      fc.property(streams, windows, (stream, seconds) => {
        const grid = windowGrid(seconds)
        const [counts, values] = [new BucketCounts(), new DistinctValues<string>({ span: grid.span, isBounded: false })]
        const store = new Store()
        for (const { offset, cut, value } of stream) {
          const at = START + offset
          const bucket = bucketAt(grid, at)
          counts.add(bucket, 1)
          values.see(value, bucket)
          expect(store.ledger.hit({ ...HIT, seconds }, at)).toBe(counts.largest(bucket, grid.span))
          expect(store.ledger.hit({ ...HIT, windowId: 'd', seconds, distinct: value }, at)).toBe(values.largest(bucket))
          if (cut) store.commit()
        }
      }),
    )
  })

  test('say the same as the counter of an SDK for the same events, late ones too', () => {
    fc.assert(
      fc.property(streams, windows, (stream, seconds) => {
        const counter = new WindowCounter({ seed: [1, 2] })
        const store = new Store()
        let newest = START
        for (const { offset, cut, value, lateMs } of stream) {
          newest += offset % (seconds * 500)
          const at = newest - (lateMs % (seconds * 1_000))
          for (const distinct of [undefined, value]) {
            const window = { windowId: `w ${distinct !== undefined}`, seconds, ...(distinct && { distinct }) }
            const counted = { ...window, entity: undefined }
            expect(store.ledger.countWith({ ...HIT, ...window }, at)).toBe(counter.countWith(counted, at))
            expect(store.ledger.hit({ ...HIT, ...window }, at)).toBe(counter.hit(counted, at))
          }
          if (cut) store.commit()
        }
      }),
    )
  })

  test('read every page that an event can share a span with, and few of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), windows, (offset, seconds) => {
        const hit = { ...HIT, seconds }
        const ledger = new WindowLedger(new Map())
        const at = START + offset
        ledger.hit(hit, at)
        const [written] = ledger.changes()
        expect(pagesOf(hit, at)).toContain(written?.id)
        expect(pagesOf(hit, at).length).toBeLessThanOrEqual(Math.ceil(238 / BUCKETS_A_PAGE) + 1)
      }),
    )
  })

  test('keep as many values of a bucket as a threshold may ask for', () => {
    const ledger = new WindowLedger(new Map())
    let n = 0
    for (let value = 0; value < 1_500; value += 1) n = ledger.hit({ ...HIT, distinct: `v${value}` }, START)
    expect(n).toBe(1_000)
    expect([...(ledger.changes()[0]?.values.values() ?? [])].map((set) => set.size)).toEqual([1_000])
  })

  test('forget what was before a release', () => {
    const store = new Store()
    store.ledger.hit(HIT, START)
    store.ledger.hit(HIT, START + 5_000)
    store.commit()
    expect(store.ledger.hit(HIT, START + 10_000, START + 4_000)).toBe(2)
    expect(store.ledger.hit(HIT, START + 3_000, START + 4_000)).toBe(2)
    store.commit()
    expect(store.ledger.hit(HIT, START + 10_000)).toBe(5)
  })

  test('never mix tenants, scopes, windows or entities', () => {
    const ledger = new WindowLedger(new Map())
    ledger.hit(HIT, START)
    for (const other of [
      { ...HIT, tenantId: 'other' },
      { ...HIT, scope: 'source:x' as const },
      { ...HIT, windowId: 'other' },
      { ...HIT, entityKey: 'other' },
    ]) {
      expect(ledger.hit(other, START)).toBe(1)
    }
  })
})
