/** CPU time of one batch, milliseconds: short enough for many rounds, long enough for the clock. */
const BATCH_MS = 25
const WARM_UP_MS = 400
/** What part of a batch is run, uncounted, after garbage was collected. */
const LEAD_IN = 1 / 3

/**
 * Runs the sides by turns in shuffled order and gives, for each, CPU nanoseconds a run of every round. CPU time and
 * ratios within a round leave little of what else the machine does. Garbage is collected between batches, uncounted, and
 * so is a lead-in after it: a collection drops compiled patterns and goes on sweeping on other threads, which would be
 * charged to whatever runs next. Sides whose objects are all short-lived are measured with `collects: false`: a forced
 * collection takes the layouts of such objects too, and with them the machine code of whoever makes them.
 * @param {Readonly<Record<string, (times: number) => unknown>>} sides each runs its subject so many times
 * @returns {Promise<Record<string, number[]>>}
 */
export async function measureSides(sides, rounds, { collects = true } = {}) {
  const names = Object.keys(sides)
  const times = {}
  for (const name of names) times[name] = await timesForBatch(sides[name])
  const figures = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffled(names)) {
      if (collects) globalThis.gc()
      await cpuMs(sides[name], Math.ceil(times[name] * LEAD_IN))
      figures[name].push(((await cpuMs(sides[name], times[name])) / times[name]) * 1e6)
    }
  }
  return figures
}

/** Median, over the rounds, of how many times the first takes what the second takes. */
export function medianRatio(one, other) {
  return median(one.map((figure, round) => figure / other[round]))
}

export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** A batch's length in runs, found while the code gets warm: the compilers have had their time before anything counts. */
async function timesForBatch(side) {
  let times = 1
  let ms = 0
  for (let spent = 0; spent < WARM_UP_MS; spent += ms) {
    ms = Math.max(await cpuMs(side, times), 0.05)
    times = Math.max(1, Math.round(times * Math.min(8, BATCH_MS / ms)))
  }
  return times
}

async function cpuMs(side, times) {
  const before = process.cpuUsage()
  const running = side(times)
  if (running instanceof Promise) await running
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

function shuffled(names) {
  const order = [...names]
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1))
    ;[order[at], order[other]] = [order[other], order[at]]
  }
  return order
}
