import { parse } from '@marcbachmann/cel-js'
import { Engine } from 'json-rules-engine'
import jsonata from 'jsonata'

/**
 * What policies would be evaluated with instead, each made as its own documentation makes it: parsed once, asked for
 * each event. All give the positions of the policies that match.
 */
export const PEERS = {
  jsonata: (written) => {
    const expressions = written.map(({ source }) => jsonata(source))
    return async (event) => {
      const matched = []
      for (let index = 0; index < expressions.length; index++) {
        if (await expressions[index].evaluate(event)) matched.push(index)
      }
      return matched
    }
  },

  'json-rules-engine': (written) => {
    const engine = new Engine([], { allowUndefinedFacts: true })
    addPatternOperator(engine, 'matches', '')
    addPatternOperator(engine, 'matchesAnyCase', 'i')
    written.forEach(({ rule }, index) => {
      engine.addRule({ conditions: { all: rule }, event: { type: String(index) } })
    })
    return async (event) => {
      const { events } = await engine.run(event)
      return events.map(({ type }) => Number(type)).sort((a, b) => a - b)
    }
  },

  '@marcbachmann/cel-js': (written) => {
    const expressions = written.map(({ cel }) => parse(cel))
    return (event) => {
      const matched = []
      for (let index = 0; index < expressions.length; index++) if (expressions[index](event)) matched.push(index)
      return matched
    }
  },
}

/** Patterns are compiled once, as someone who cares for speed would have it. */
function addPatternOperator(engine, name, flags) {
  const compiled = new Map()
  engine.addOperator(name, (text, pattern) => {
    if (!compiled.has(pattern)) compiled.set(pattern, new RegExp(pattern, flags))
    return compiled.get(pattern).test(text)
  })
}
