import { readFileSync } from 'node:fs'
import { FIELD_CATALOG, listPart, prepareExpression, prepareList } from '@esper/core'
import { describe, expect, it } from 'vitest'
import { lowerExpression } from './index.js'
import { EXAMPLE_LISTS, FUNCTION_ENTRIES, type LanguageEntry, OPERATORS, SURPRISES } from './language.js'
import { LANGUAGE_PARTS } from './language-document.js'
import { oracleOf } from './testing/oracle.js'

const guide = readFileSync(new URL('../../../../docs/expressions.md', import.meta.url), 'utf8')

const lists = new Map(Object.keys(EXAMPLE_LISTS).map((name) => [name, `lst_${name}`]))
const contents = new Map(
  Object.entries(EXAMPLE_LISTS).map(([name, entries]) => [
    `lst_${name}`,
    prepareList(listPart(entries.map((value) => ({ value })))),
  ]),
)

function run(source: string, record: LanguageEntry['record']): unknown {
  const lowered = lowerExpression(source, { lists })
  if (!lowered.ok) throw new Error(`${source}: ${lowered.errors[0]?.message}`)
  const prepared = prepareExpression(lowered.program, (listId) => contents.get(listId))
  if (!prepared.ok) throw new Error(prepared.problem.message)
  const answer = prepared.expression.evaluate(record)
  if (!answer.ok) throw new Error(`${source}: ${answer.code}`)
  return answer.value
}

describe('the language', () => {
  for (const { form, example, record, gives } of [...OPERATORS, ...FUNCTION_ENTRIES, ...SURPRISES]) {
    it(`${form}: ${example}`, async () => {
      expect(run(example, record)).toEqual(gives)
      expect(JSON.stringify(await oracleOf(example).evaluate(record))).toBe(JSON.stringify(gives))
    })
  }

  it('has an example for every field that can be saved', () => {
    for (const { name, example } of FIELD_CATALOG) {
      expect({ name, ...lowerExpression(example, { lists }) }).toMatchObject({ name, ok: true, warnings: [] })
    }
  })
})

describe('docs/expressions.md', () => {
  for (const { name, render } of LANGUAGE_PARTS) {
    it(`has the table of ${name} that the code gives`, () => {
      expect(guide).toContain(`\n\n${render()}\n\n<!-- end of ${name} -->`)
    })
  }

  it('shows only expressions that can be saved', () => {
    const blocks = [...guide.matchAll(/```jsonata\n([\s\S]*?)```/g)].map(([, source = '']) => source)
    expect(blocks.length).toBeGreaterThan(3)
    for (const source of blocks)
      expect({ source, ...lowerExpression(source, { lists }) }).toMatchObject({ source, ok: true, warnings: [] })
  })
})
