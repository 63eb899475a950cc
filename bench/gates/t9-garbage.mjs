import { askChild } from '../support/child.mjs'
import { atMost } from '../support/row.mjs'

/** A young generation in which everything has room that is counted at once. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']

export const GATES = {
  T9: async () => {
    const { answer, policies, decision, event } = await askChild('garbage-process', FLAGS)
    const detail = [`${answer.toFixed(0)} bytes are the answer of a set that asks nothing`]
    return [
      atMost('T9 policies', policies - answer, {
        ...{ limit: 64, stretch: 0, detail },
        what: 'bytes that looking at 50 policies leaves a request',
      }),
      atMost('T9 decision', decision, {
        ...{ limit: 512, stretch: 256 },
        what: 'from the request to its decision: record, matching, count and answer',
      }),
      atMost('T9 event', event, { ...{ limit: 2_048, stretch: 1_331 }, what: 'the same, and the line of its event' }),
    ]
  },
}
