import { bucketStart, largestCount, largestDistinct } from '@esper/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BUCKETS_A_PAGE } from './documents.js'
import { type PageChange, type PageCounts, pagesOf, type WindowHit, WindowLedger } from './window-ledger.js'

const HIT: WindowHit = { tenantId: 'ten', scope: 'tenant', windowId: 'win', entityKey: 'key', seconds: 60 }
const START = 1_700_000_000_000

/** What a database would hold after these changes. */
function stored(pages: ReadonlyMap<string, PageCounts>, changes: readonly PageChange[]): Map<string, PageCounts> {
  const next = new Map(pages)
  for (const { id, counts, values } of changes) {
    const old = next.get(id)
    const sums = new Map(old?.counts)
    for (const [index, count] of counts) sums.set(index, (sums.get(index) ?? 0) + count)
    const seen = new Map(old?.values)
    for (const [index, set] of values) seen.set(index, [...(seen.get(index) ?? []), ...set])
    next.set(id, { counts: sums, values: seen })
  }
  return next
}

/** Offsets in milliseconds, with the ends of the claims they come in. */
const streams = fc.array(
  fc.record({ offset: fc.integer({ min: 0, max: 400_000 }), cut: fc.boolean(), value: fc.constantFrom('a', 'b', 'c') }),
  { maxLength: 60 },
)
const windows = fc.constantFrom(1, 5, 59, 60, 90, 119, 120, 300, 3_600)

describe('the windows of a claim', () => {
  test('count as one list of all events does, however the events are cut into claims', () => {
    fc.assert(
      fc.property(streams, windows, (stream, seconds) => {
        let pages = new Map<string, PageCounts>()
        let ledger = new WindowLedger(pages)
        const all: { start: number; count: number }[] = []
        for (const { offset, cut } of stream) {
          const at = START + offset
          all.push({ start: bucketStart(at, seconds), count: 1 })
          expect(ledger.hit({ ...HIT, seconds }, at)).toBe(largestCount(all, at, seconds))
          if (!cut) continue
          pages = stored(pages, ledger.changes())
          ledger = new WindowLedger(pages)
        }
      }),
    )
  })

  test('count different values alike', () => {
    fc.assert(
      fc.property(streams, windows, (stream, seconds) => {
        let pages = new Map<string, PageCounts>()
        let ledger = new WindowLedger(pages)
        const all: { start: number; value: string }[] = []
        for (const { offset, cut, value } of stream) {
          const at = START + offset
          all.push({ start: bucketStart(at, seconds), value })
          const n = ledger.hit({ ...HIT, seconds, distinct: value }, at)
          expect(n).toBe(largestDistinct(all, at, seconds))
          if (!cut) continue
          pages = stored(pages, ledger.changes())
          ledger = new WindowLedger(pages)
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
    const ledger = new WindowLedger(new Map())
    ledger.hit(HIT, START)
    ledger.hit(HIT, START + 5_000)
    expect(ledger.hit(HIT, START + 10_000, START + 4_000)).toBe(2)
    expect(ledger.hit(HIT, START + 10_000)).toBe(4)
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
