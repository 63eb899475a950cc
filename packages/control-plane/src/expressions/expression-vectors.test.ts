import { expressionVectors } from '@esper/testkit/vectors'
import { describe, expect, it } from 'vitest'
import { Evaluator, lowerExpression } from './index.js'
import { oracleOf } from './testing/oracle.js'

const evaluator = new Evaluator()

async function jsonataSays(expression: string, record: object): Promise<object> {
  try {
    return { value: await oracleOf(expression).evaluate(structuredClone(record)) }
  } catch (error) {
    return { error: Object(error).code }
  }
}

describe('an expression', () => {
  it.each(expressionVectors())('$expression', async ({ expression, program: root, answers }) => {
    expect(lowerExpression(expression)).toMatchObject({ ok: true, program: { version: 1, root } })
    for (const { record, value, error } of answers) {
      const said = evaluator.evaluate(expression, record)
      expect(said.ok ? { value: said.value } : { error: said.code }).toEqual(
        error === undefined ? { value } : { error },
      )
      const wanted = JSON.stringify(error === undefined ? { value } : { error })
      expect(JSON.stringify(await jsonataSays(expression, record))).toBe(wanted)
    }
  })
})
