import { matchEvent } from '@esper/core'
import { measureSides, median, medianRatio } from '../support/measure.mjs'
import { atMost, duration } from '../support/row.mjs'
import { assertSame, seen } from '../support/seen.mjs'
import { setSides } from '../support/set-sides.mjs'
import { EVENTS } from '../support/workload.mjs'

export const GATES = {
  T3: async ({ rounds }) => [await setRow('T3', rounds, { count: 50, limit: 1.5, stretch: 1 })],
  T4: async ({ rounds }) => [await setRow('T4', rounds, { count: 200, limit: 1, stretch: 0.5 })],
}

async function setRow(gate, rounds, { count, limit, stretch }) {
  const { set, kernel, byHand } = setSides(count)
  await assertSame(gate, kernel, byHand)
  const measured = await measureSides(
    {
      kernel: (times) => {
        for (let index = 0; index < times; index++) seen.count += matchEvent(set, EVENTS[index & 63]).matched.length
      },
      byHand: (times) => {
        for (let index = 0; index < times; index++) seen.count += byHand(EVENTS[index & 63]).length
      },
    },
    rounds,
  )
  const detail = [`${duration(median(measured.kernel))} to ${duration(median(measured.byHand))} an event`]
  const what = `${count} policies ÷ a linear scan written by hand`
  return atMost(gate, medianRatio(measured.kernel, measured.byHand), { limit, stretch, what, detail })
}
