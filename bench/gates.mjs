import { lowerExpression } from '@esper/control-plane/testing'
import { demandOf, matchEvent, prepareExpression, preparePolicySet } from '@esper/core'
import jsonata from 'jsonata'
import { measureSides, median, medianRatio } from './measure.mjs'
import { EVENTS, PREDICATES, policies } from './workload.mjs'

/** What each gate measures: a function of the number of rounds that gives the gate's rows. */
export const GATES = {
  T1: async (rounds) => {
    const { figures, ratios } = await predicateRatios(rounds, 'kernel', 'byHand')
    const detail = figures.map(({ source, kernel, byHand }) => `${ns(kernel)} to ${ns(byHand)}  ${source}`)
    return [
      atMost('T1 median', median(ratios), [4, 2], { what: 'one predicate ÷ a closure written by hand', detail }),
      atMost('T1 worst', Math.max(...ratios), [10, 5], { what: 'the worst of six', detail: [] }),
    ]
  },
  T2: async (rounds) => {
    const { figures, ratios } = await predicateRatios(rounds, 'jsonata', 'kernel')
    const detail = figures.map(({ source, kernel, jsonata: peer }) => `${ns(kernel)} to ${ns(peer)}  ${source}`)
    return [
      atLeast('T2 worst', Math.min(...ratios), [30, 60], { what: 'times as fast as await jsonata.evaluate', detail }),
      atLeast('T2 median', median(ratios), [100, 200], { what: 'the median of six', detail: [] }),
    ]
  },
  T3: async (rounds) => [await setRatio('T3', { count: 50, bounds: [1.5, 1], rounds })],
  T4: async (rounds) => [await setRatio('T4', { count: 200, bounds: [1, 0.5], rounds })],
  T16: async (rounds) => {
    const { compile, parse } = await measureSides(
      { compile: overSources(compiled), parse: overSources(jsonata) },
      rounds,
    )
    const detail = [`${ns(median(compile))} to ${ns(median(parse))} a policy`]
    return [
      atMost('T16', medianRatio(compile, parse), [1.25, 1.1], { what: 'compile a policy ÷ jsonata(source)', detail }),
    ]
  },
}

function atMost(gate, figure, [limit, stretch], { what, detail }) {
  return { gate, what, figure, limit, stretch, better: 'lower', pass: figure <= limit, detail }
}

function atLeast(gate, figure, [limit, stretch], { what, detail }) {
  return { gate, what, figure, limit, stretch, better: 'higher', pass: figure >= limit, detail }
}

function ns(figure) {
  return figure < 10_000 ? `${figure.toFixed(0)} ns` : `${(figure / 1_000).toFixed(1)} µs`
}

function program(source) {
  const lowered = lowerExpression(source)
  if (!lowered.ok) throw new Error(`${source}: ${lowered.errors[0].message}`)
  return lowered.program
}

function compiled(source) {
  const prepared = prepareExpression(program(source))
  if (!prepared.ok) throw new Error(`${source}: ${prepared.problem.message}`)
  return prepared.expression
}

/** Answers end here, so that no compiler leaves out the work behind them. */
const seen = { count: 0 }

/** The one call site of all predicates: it sees many functions, as the loop over policies does. */
function countHolding(holds, times) {
  for (let index = 0; index < times; index++) if (holds(EVENTS[index & 63]) === true) seen.count += 1
}

async function predicateRatios(rounds, one, other) {
  const sides = PREDICATES.map(({ source, byHand }) => {
    const oracle = jsonata(source)
    return {
      source,
      kernel: compiled(source).holds,
      byHand,
      jsonata: async (times) => {
        for (let index = 0; index < times; index++) if (await oracle.evaluate(EVENTS[index & 63])) seen.count += 1
      },
    }
  })
  for (const { source, kernel, byHand } of sides) {
    assertSame(source, kernel, byHand)
    for (const holds of [kernel, byHand]) countHolding(holds, 20_000)
  }
  const figures = []
  const ratios = []
  for (const side of sides) {
    const run = (name) => (name === 'jsonata' ? side.jsonata : (times) => countHolding(side[name], times))
    const measured = await measureSides({ [one]: run(one), [other]: run(other) }, rounds)
    ratios.push(medianRatio(measured[one], measured[other]))
    figures.push({ source: side.source, [one]: median(measured[one]), [other]: median(measured[other]) })
  }
  return { figures, ratios }
}

function assertSame(what, one, other) {
  for (const event of EVENTS) {
    if (one(event) !== other(event)) throw new Error(`The two sides disagree: ${what} on ${JSON.stringify(event)}`)
  }
}

async function setRatio(gate, { count, bounds, rounds }) {
  const written = policies(count)
  const set = preparePolicySet(contentOf(written.map(({ source }) => program(source))))
  const scan = (event) => {
    const matched = []
    for (let index = 0; index < written.length; index++) if (written[index].byHand(event)) matched.push(index)
    return matched
  }
  for (const event of EVENTS) {
    const ours = matchEvent(set, event).matched.map(({ policy }) => policy.policy.priority)
    if (ours.join() !== scan(event).join()) throw new Error(`${gate}: ${ours} are not ${scan(event)}`)
  }
  const kernel = (times) => {
    for (let index = 0; index < times; index++) seen.count += matchEvent(set, EVENTS[index & 63]).matched.length
  }
  const byHand = (times) => {
    for (let index = 0; index < times; index++) seen.count += scan(EVENTS[index & 63]).length
  }
  const measured = await measureSides({ kernel, byHand }, rounds)
  const detail = [`${ns(median(measured.kernel))} to ${ns(median(measured.byHand))} an event`]
  const what = `${count} policies ÷ a linear scan written by hand`
  return atMost(gate, medianRatio(measured.kernel, measured.byHand), bounds, { what, detail })
}

function contentOf(programs) {
  const policyOf = (each, index) => {
    const id = `pol_${String(index).padStart(4, '0')}`
    return { policy_id: id, name: id, revision: 1, priority: index, program: each, action_ids: [] }
  }
  const base = { actions: [], entity_definitions: [], policies: programs.map(policyOf) }
  const whole = {
    format: 1,
    tenant_id: 'ten_bench',
    revision: 1,
    enforcement: 'on',
    clear_cookies: [],
    mitigations: [],
  }
  return { ...whole, demand: demandOf(base), ...base }
}

/** Runs over the sources of all predicates and of fifty policies. */
function overSources(run) {
  const sources = [...PREDICATES, ...policies(50)].map(({ source }) => source)
  return (times) => {
    for (let index = 0; index < times; index++) {
      if (run(sources[index % sources.length]) !== undefined) seen.count += 1
    }
  }
}
