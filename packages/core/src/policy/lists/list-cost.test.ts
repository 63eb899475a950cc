import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { listPart, type PreparedList, prepareList } from './prepared-list.js'

const addressAt = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
const userAt = (n: number) => `user-${n}@example.com`

function partOf(count: number, valueAt: (n: number) => string): string {
  return listPart(Array.from({ length: count }, (_, n) => ({ value: valueAt(n) })))
}

function listOf(count: number, valueAt: (n: number) => string): PreparedList {
  const list = prepareList(partOf(count, valueAt))
  if (list === undefined) throw new Error('no list')
  return list
}

/** Nanoseconds a look-up, hits and misses in turn: the best of several rounds, since others use the machine too. */
function nsPerLookUp(list: PreparedList, sought: readonly string[]): number {
  let best = Number.POSITIVE_INFINITY
  let found = 0
  for (let round = 0; round < 15; round++) {
    const start = performance.now()
    for (const value of sought) if (list.has(value, 0)) found += 1
    best = Math.min(best, ((performance.now() - start) * 1e6) / sought.length)
  }
  expect(found).toBe((15 * sought.length) / 2)
  return best
}

function collectGarbage(): void {
  setFlagsFromString('--expose_gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
}

describe('a list of 100,000 entries', () => {
  it.each([
    ['addresses', addressAt, (n: number) => `11.${n >> 16}.${(n >> 8) & 255}.${n & 255}`],
    ['text', userAt, (n: number) => `nobody-${n}@example.com`],
  ])('finds %s as a list of 100 does, not a thousand times as slowly', (what, valueAt, otherAt) => {
    const sought = (count: number) =>
      Array.from({ length: 20_000 }, (_, n) => (n % 2 === 0 ? valueAt((n * 7_919) % count) : otherAt(n)))
    const [short, long] = [100, 100_000].map((count) => nsPerLookUp(listOf(count, valueAt), sought(count)))
    if (short === undefined || long === undefined) throw new Error('nothing was measured')
    console.info(`${what}: ${short.toFixed(0)} ns among 100, ${long.toFixed(0)} ns among 100,000`)
    // The caches of the processor hold the short one whole; a search through the entries would take a thousand times as long.
    expect(long).toBeLessThan(short * 100)
  })

  it.each([
    ['addresses', addressAt],
    ['text', userAt],
  ])('of %s takes well under 200 bytes an entry', (what, valueAt) => {
    // As it comes from the wire: in one piece.
    const part = Buffer.from(partOf(100_000, valueAt)).toString()
    for (let pass = 0; pass < 3; pass++) collectGarbage()
    const before = process.memoryUsage().heapUsed
    const list = prepareList(part)
    collectGarbage()
    const bytes = (process.memoryUsage().heapUsed - before) / 100_000
    expect(part.length).toBeGreaterThan(1_000_000)
    console.info(`${what}: ${bytes.toFixed(0)} bytes an entry`)
    expect(list?.has(valueAt(77_777), 0)).toBe(true)
    expect(bytes).toBeGreaterThan(8)
    expect(bytes).toBeLessThan(200)
  })
})
