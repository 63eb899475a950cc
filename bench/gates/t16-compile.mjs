import jsonata from 'jsonata'
import { prepared } from '../support/kernel.mjs'
import { measureSides, median, medianRatio } from '../support/measure.mjs'
import { atMost, duration } from '../support/row.mjs'
import { seen } from '../support/seen.mjs'
import { PREDICATES, policies } from '../support/workload.mjs'

const SOURCES = [...PREDICATES, ...policies(50)].map(({ source }) => source)

/** What is compiled is kept until it is compiled anew, as a set of policies is. */
function overSources(run) {
  const kept = new Array(SOURCES.length)
  return (times) => {
    for (let index = 0; index < times; index++) kept[index % SOURCES.length] = run(SOURCES[index % SOURCES.length])
    seen.count += kept.length
  }
}

export const GATES = {
  T16: async ({ rounds }) => {
    const { compile, parse } = await measureSides(
      { compile: overSources(prepared), parse: overSources(jsonata) },
      rounds,
      { collects: false },
    )
    const detail = [`${duration(median(compile))} to ${duration(median(parse))} a policy`]
    const what = 'compiling a policy ÷ jsonata(source) alone'
    return [atMost('T16', medianRatio(compile, parse), { limit: 1.25, stretch: 1.1, what, detail })]
  },
}
