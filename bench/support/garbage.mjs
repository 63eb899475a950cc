import { median } from './measure.mjs'

const WARM_UP = 60_000
/** What runs leave in all of them has to fit into the young generation. */
const RUNS = 20_000
const SAMPLES = 9

/**
 * Bytes that one run leaves on the heap, nearly all of it garbage: the median of samples during which nothing is collected.
 * For a process with a young generation of 256 MB.
 * @param {(index: number) => void} run
 */
export function bytesARun(run) {
  const runs = (times) => {
    for (let index = 0; index < times; index++) run(index)
  }
  runs(WARM_UP)
  const figures = Array.from({ length: SAMPLES }, () => {
    globalThis.gc()
    runs(100)
    const before = process.memoryUsage().heapUsed
    runs(RUNS)
    return (process.memoryUsage().heapUsed - before) / RUNS
  })
  return median(figures)
}
