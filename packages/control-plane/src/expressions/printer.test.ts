import { clauseSource } from '@esper/core'
import { describe, expect, it } from 'vitest'
import { lowerExpression } from './lower-expression.js'
import { ExpressionGenerator } from './testing/expression-generator.js'

const SEED = Number(process.env.ESPER_FUZZ_SEED ?? Date.now() % 1_000_000_000)
const EXPRESSIONS = 4_000

function programOf(source: string, ofList: boolean) {
  const lowered = lowerExpression(source, { ofList })
  if (lowered.ok) return lowered.program.root
  throw new Error(`${source}: ${lowered.errors[0]?.message}`)
}

describe('a program that is printed', () => {
  it(`gives the same program again, for ${EXPRESSIONS} expressions, seed ${SEED}`, { timeout: 120_000 }, () => {
    const generator = new ExpressionGenerator(SEED)
    for (let index = 0; index < EXPRESSIONS; index++) {
      const source = generator.expression()
      const ofList = index % 5 === 0 && lowerExpression(source, { ofList: true }).ok
      const program = programOf(source, ofList)
      const printed = clauseSource(program)
      expect({ source, printed, program: programOf(printed, ofList) }).toEqual({ source, printed, program })
    }
  })

  const written = [
    'request_method = "POST" and $contains(request_path, /^\\/login/)',
    'headers."x-flow" = "b"',
    '`x-flow`[0] = 1',
    '$$."" = 1',
    'body.items[price > $$.body.limit].name[-1]',
    '$sum(body.items.(price * count)) > 10',
    '{"a": body.a, "b": [1..5]}',
    '(request_method; request_path)',
    '$exists($match(user_agent, /bot/i)) ? "a" : -(5)',
    '$split(request_path, "/")[1]',
  ]
  for (const source of written) {
    it(`reads as it was written: ${source}`, () => {
      expect(clauseSource(programOf(source, false))).toBe(source.replace('$$.""', '$.""'))
    })
  }
})
