import { expressionVectors, policyIdAt, policySetOf, policyVectors } from '@esper/testkit/vectors'
import { describe, expect, it } from 'vitest'
import { matchEvent } from '../decision/match.js'
import { preparePolicySet } from '../set/prepare.js'
import { prepareExpression } from './expression.js'

describe('an expression', () => {
  it.each(expressionVectors())('$expression', ({ program, answers }) => {
    const prepared = prepareExpression({ version: 1, root: program })
    if (!prepared.ok) throw new Error(prepared.problem.message)
    for (const { record, value, error, holds } of answers) {
      const wanted = error === undefined ? { ok: true, value } : { ok: false, code: error }
      expect(prepared.expression.evaluate(record)).toEqual(wanted)
      expect(prepared.expression.holds(record)).toBe(holds)
    }
  })
})

it('holds in a set, found by its index, for the records for which it holds alone', () => {
  const vectors = policyVectors()
  const set = preparePolicySet(policySetOf(vectors))
  expect(set.problems).toEqual([])
  for (const [place, { expression, answers }] of vectors.entries()) {
    for (const { record, holds } of answers) {
      const matched = matchEvent(set, record).matched.map(({ policy }) => policy.policy.policy_id)
      expect([expression, record, matched.includes(policyIdAt(place))]).toEqual([expression, record, holds])
    }
  }
})
