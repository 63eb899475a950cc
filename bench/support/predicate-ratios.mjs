import jsonata from 'jsonata'
import { prepared } from './kernel.mjs'
import { measureSides, median, medianRatio } from './measure.mjs'
import { assertSame, seen } from './seen.mjs'
import { EVENTS, PREDICATES } from './workload.mjs'

/** The one call site of all predicates: it sees many functions, as the loop over policies does. */
function countHolding(holds, times) {
  for (let index = 0; index < times; index++) if (holds(EVENTS[index & 63]) === true) seen.count += 1
}

async function sidesOf({ source, byHand }) {
  const kernel = prepared(source).holds
  const oracle = jsonata(source)
  await assertSame(source, kernel, byHand)
  for (const holds of [kernel, byHand]) countHolding(holds, 20_000)
  return {
    source,
    kernel: (times) => countHolding(kernel, times),
    byHand: (times) => countHolding(byHand, times),
    jsonata: async (times) => {
      for (let index = 0; index < times; index++) if (await oracle.evaluate(EVENTS[index & 63])) seen.count += 1
    },
  }
}

/** Measures two of `kernel`, `byHand` and `jsonata` on each predicate: times, and how many times the first takes the second. */
export async function predicateRatios(rounds, one, other) {
  const figures = []
  for (const side of await Promise.all(PREDICATES.map(sidesOf))) {
    const measured = await measureSides({ [one]: side[one], [other]: side[other] }, rounds)
    const ratio = medianRatio(measured[one], measured[other])
    figures.push({ source: side.source, ratio, [one]: median(measured[one]), [other]: median(measured[other]) })
  }
  return figures
}
