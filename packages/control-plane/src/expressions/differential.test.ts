import { type Fields, prepareExpression } from '@esper/core'
import jsonata from 'jsonata'
import { describe, expect, it } from 'vitest'
import { lowerExpression } from './lower-expression.js'
import { ExpressionGenerator } from './testing/expression-generator.js'
import { oracleOf } from './testing/oracle.js'

const SEED = Number(process.env.ESPER_FUZZ_SEED ?? 20_261_123)
const EXPRESSIONS = Number(process.env.ESPER_FUZZ_EXPRESSIONS ?? 4_000)
const RECORDS_EACH = 6

interface Answer {
  readonly value?: unknown
  /** Whether the value counts as true. */
  readonly holds: boolean
  readonly error?: string
}

describe('an expression gives the answer that JSONata gives', () => {
  it(`for ${EXPRESSIONS * RECORDS_EACH} generated cases, seed ${SEED}`, { timeout: 120_000 }, async () => {
    const generator = new ExpressionGenerator(SEED)
    const disagreements: unknown[] = []
    let compared = 0
    for (let index = 0; index < EXPRESSIONS; index++) {
      const source = generator.expression()
      const oracle = oracleOf(source)
      const ours = preparedSource(source)
      for (let times = 0; times < RECORDS_EACH; times++) {
        const record = generator.record()
        const wanted = await oracleAnswer(oracle, record)
        if (wanted === undefined) continue
        compared += 1
        const given = ours(record)
        if (JSON.stringify(given) !== JSON.stringify(wanted)) disagreements.push({ source, record, given, wanted })
      }
    }
    expect(disagreements.slice(0, 5).map((found) => JSON.stringify(found))).toEqual([])
    expect(compared).toBeGreaterThan(EXPRESSIONS * RECORDS_EACH * 0.99)
  })
})

function preparedSource(source: string): (record: Fields) => Answer {
  const lowered = lowerExpression(source)
  if (!lowered.ok) throw new Error(`${source}: ${JSON.stringify(lowered.errors)}`)
  const prepared = prepareExpression(lowered.program)
  if (!prepared.ok) throw new Error(`${source}: ${prepared.problem.message}`)
  return (record) => {
    const answer = prepared.expression.evaluate(record)
    const holds = prepared.expression.holds(record)
    return answer.ok ? { value: told(answer.value), holds } : { error: answer.code, holds }
  }
}

/** `undefined` where jsonata itself breaks down, with an error that has no code. */
async function oracleAnswer(oracle: jsonata.Expression, record: Fields): Promise<Answer | undefined> {
  try {
    const value: unknown = await oracle.evaluate(record)
    return { value: told(value), holds: await countsAsTrue(value) }
  } catch (error) {
    const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined
    return typeof code === 'string' ? { error: code, holds: false } : undefined
  }
}

const TRUTH = jsonata('value ? true : false')

async function countsAsTrue(value: unknown): Promise<boolean> {
  return value === Infinity || value === -Infinity ? false : (await TRUTH.evaluate({ value })) === true
}

/** What JSON leaves out, said in words, so that answers can be compared as text. */
function told(value: unknown): unknown {
  if (value === undefined) return 'missing'
  if (typeof value === 'number' && !Number.isFinite(value)) return `number ${value}`
  if (Array.isArray(value)) return value.map(told)
  return typeof value === 'string' ? `text ${value}` : value
}
