import { median } from '../support/measure.mjs'
import { predicateRatios } from '../support/predicate-ratios.mjs'
import { atLeast, duration } from '../support/row.mjs'

export const GATES = {
  T2: async ({ rounds }) => {
    const figures = await predicateRatios(rounds, 'jsonata', 'kernel')
    const ratios = figures.map(({ ratio }) => ratio)
    const detail = figures.map(
      ({ source, ratio, kernel, jsonata }) =>
        `${ratio.toFixed(0).padStart(4)}  ${duration(kernel)} to ${duration(jsonata)}  ${source}`,
    )
    const what = 'one condition, times as fast as await jsonata.evaluate'
    return [
      atLeast('T2 median', median(ratios), { limit: 100, stretch: 200, what, detail }),
      atLeast('T2 worst', Math.min(...ratios), { limit: 30, stretch: 60, what: 'the worst of them' }),
    ]
  },
}
