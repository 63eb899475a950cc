import { matchEvent } from '@esper/core'
import { measureSides, median } from './measure.mjs'
import { seen } from './seen.mjs'
import { setSides } from './set-sides.mjs'
import { EVENTS } from './workload.mjs'

const COUNTS = [10, 20, 50, 100, 200, 500, 1_000]

/** Sets kept while memory is counted, so that what collecting leaves undone does not show. */
const COPIES = 5

function bytesAPolicy(count) {
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  const kept = Array.from({ length: COPIES }, () => setSides(count))
  globalThis.gc()
  const bytes = (process.memoryUsage().heapUsed - before) / COPIES / count
  seen.count += kept.length
  return bytes
}

const over = (run) => (times) => {
  for (let index = 0; index < times; index++) seen.count += run(EVENTS[index & 63]).length
}

/**
 * How cost grows with the number of policies: nanoseconds that an event takes in the set, and in a linear scan written by
 * hand, and bytes a policy takes.
 * @returns {Promise<{ count: number, kernel: number, byHand: number, bytes: number }[]>}
 */
export async function measureGrowth(rounds) {
  const rows = []
  for (const count of COUNTS) {
    const { set, byHand } = setSides(count)
    const sides = { kernel: over((event) => matchEvent(set, event).matched), byHand: over(byHand) }
    const { kernel, byHand: scan } = await measureSides(sides, rounds)
    rows.push({ count, kernel: median(kernel), byHand: median(scan), bytes: bytesAPolicy(count) })
  }
  return rows
}
