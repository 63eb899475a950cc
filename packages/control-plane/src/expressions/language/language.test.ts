import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { FIELD_CATALOG, FUNCTIONS, listPart, prepareExpression, prepareList } from '@esper/core'
import { describe, expect, it } from 'vitest'
import { lowerExpression } from '../index.js'
import { oracleOf } from '../testing/oracle.js'
import { LANGUAGE_PARTS } from './document.js'
import { EXAMPLE_LISTS, type LanguageEntry } from './entry.js'
import { FUNCTION_ENTRIES } from './functions.js'
import { REFUSED_DECORATIONS, REFUSED_FUNCTIONS, REFUSED_KINDS } from './left-out.js'
import { OPERATORS } from './operators.js'
import { SURPRISES } from './surprises.js'

const guide = readFileSync(new URL('../../../../../docs/expressions.md', import.meta.url), 'utf8')

const lists = new Map(Object.keys(EXAMPLE_LISTS).map((name) => [name, `lst_${name}`]))
const contents = new Map(
  Object.entries(EXAMPLE_LISTS).map(([name, entries]) => [
    `lst_${name}`,
    prepareList(listPart(entries.map((value) => ({ value })))),
  ]),
)

const RECORD = {
  body: { items: [{ price: 5, name: 'a' }], name: 'Ann' },
  user_agent: 'Curl',
  header_names: ['host', 'accept'],
}

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

describe('what JSONata has and the language does not', () => {
  const constructs = [...Object.values(REFUSED_KINDS), ...Object.values(REFUSED_DECORATIONS)]
  for (const { form, example } of [...constructs, ...Object.values(REFUSED_FUNCTIONS)]) {
    it(`${form}: ${example}`, async () => {
      // JSONata has it: it is an expression there, with an answer.
      await oracleOf(example).evaluate(RECORD)
      const lowered = lowerExpression(example)
      if (lowered.ok) throw new Error('It was not refused.')
      expect(lowered.errors[0]?.code).toMatch(/^expression_(function_)?unsupported$/)
      expect(lowered.errors[0]?.instead).not.toBe(undefined)
    })
  }

  it('says of every function of the jsonata package whether it is in or out', () => {
    const source = readFileSync(createRequire(import.meta.url).resolve('jsonata'), 'utf8')
    const names = [...source.matchAll(/(?:staticFrame|environment)\.bind\('(\w+)', defineFunction/g)].map(
      ([, name]) => name,
    )
    expect(names.length).toBeGreaterThan(60)
    const own = ['cidr', 'in_list']
    const included = FUNCTION_ENTRIES.flatMap(({ form }) => [...form.matchAll(/\$(\w+)/g)].map(([, name]) => name))
    const said = new Set([...included, ...Object.keys(REFUSED_FUNCTIONS)])
    expect([...said].filter((name) => name === undefined || !own.includes(name)).sort()).toEqual(
      [...new Set(names)].sort(),
    )
    expect(Object.keys(REFUSED_FUNCTIONS).filter((name) => included.includes(name))).toEqual([])
    expect(new Set(included)).toEqual(new Set([...FUNCTIONS.keys(), 'match', 'in_list']))
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
