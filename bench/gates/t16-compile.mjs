import jsonata from 'jsonata'
import { prepared } from '../support/kernel.mjs'
import { measureSides, median, medianRatio } from '../support/measure.mjs'
import { atMost, duration } from '../support/row.mjs'
import { seen } from '../support/seen.mjs'
import { PREDICATES, policies } from '../support/workload.mjs'

const SOURCES = [...PREDICATES, ...policies(50)].map(({ source }) => source)

function overSources(run) {
  return (times) => {
    for (let index = 0; index < times; index++) {
      if (run(SOURCES[index % SOURCES.length]) !== undefined) seen.count += 1
    }
  }
}

export const GATES = {
  T16: async ({ rounds }) => {
    const { compile, parse } = await measureSides(
      { compile: overSources(prepared), parse: overSources(jsonata) },
      rounds,
    )
    const detail = [`${duration(median(compile))} to ${duration(median(parse))} a policy`]
    const what = 'compiling a policy ÷ jsonata(source) alone'
    return [atMost('T16', medianRatio(compile, parse), { limit: 1.25, stretch: 1.1, what, detail })]
  },
}
