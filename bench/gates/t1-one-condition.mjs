import { median } from '../support/measure.mjs'
import { predicateRatios } from '../support/predicate-ratios.mjs'
import { atMost, duration } from '../support/row.mjs'

export const GATES = {
  T1: async ({ rounds }) => {
    const figures = await predicateRatios(rounds, 'kernel', 'byHand')
    const ratios = figures.map(({ ratio }) => ratio)
    const detail = figures.map(
      ({ source, ratio, kernel, byHand }) =>
        `${ratio.toFixed(1).padStart(4)}  ${duration(kernel)} to ${duration(byHand)}  ${source}`,
    )
    const what = 'one condition ÷ a closure written by hand'
    return [
      atMost('T1 median', median(ratios), { limit: 4, stretch: 2, what, detail }),
      atMost('T1 worst', Math.max(...ratios), { limit: 10, stretch: 5, what: 'the worst of them' }),
    ]
  },
}
