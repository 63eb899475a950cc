import { readFileSync } from 'node:fs'
import { FIELD_CATALOG, prepareExpression } from '@esper/core'
import jsonata from 'jsonata'
import { describe, expect, it } from 'vitest'
import { lowerExpression } from './index.js'
import { FUNCTION_ENTRIES, type LanguageEntry, OPERATORS, SURPRISES } from './language.js'
import { REFUSED_FUNCTIONS } from './refused-constructs.js'

const guide = readFileSync(new URL('../../../../docs/expressions.md', import.meta.url), 'utf8')

function run(source: string, record: LanguageEntry['record']): unknown {
  const lowered = lowerExpression(source)
  if (!lowered.ok) throw new Error(`${source}: ${lowered.errors[0]?.message}`)
  const prepared = prepareExpression(lowered.program)
  if (!prepared.ok) throw new Error(prepared.problem.message)
  const answer = prepared.expression.evaluate(record)
  if (!answer.ok) throw new Error(`${source}: ${answer.code}`)
  return answer.value
}

describe('the language', () => {
  for (const { form, example, record, gives } of [...OPERATORS, ...FUNCTION_ENTRIES, ...SURPRISES]) {
    it(`${form}: ${example}`, async () => {
      expect(run(example, record)).toEqual(gives)
      expect(JSON.stringify(await jsonata(example).evaluate(record))).toBe(JSON.stringify(gives))
    })
  }

  it('has an example for every field that can be saved', () => {
    for (const { name, example } of FIELD_CATALOG) {
      expect({ name, ...lowerExpression(example) }).toMatchObject({ name, ok: true, warnings: [] })
    }
  })
})

const cell = (text: string): string => text.replaceAll('|', '\\|')

function entryRows(entries: readonly LanguageEntry[]): readonly string[] {
  return entries.map(({ form, meaning, example, gives }) => {
    const answer = gives === undefined ? 'missing' : `\`${cell(JSON.stringify(gives))}\``
    return `| ${cell(form)} | ${cell(meaning)} | \`${cell(example)}\` | ${answer} |`
  })
}

describe('docs/expressions.md', () => {
  const tables: readonly [name: string, rows: readonly string[]][] = [
    ['operators', entryRows(OPERATORS)],
    ['functions', entryRows(FUNCTION_ENTRIES)],
    ['surprises', SURPRISES.map(({ form, meaning, example }) => `| ${form} | ${meaning} | \`${cell(example)}\` |`)],
    [
      'fields',
      FIELD_CATALOG.map(
        ({ name, type, meaning, example }) => `| \`${name}\` | ${type} | ${meaning} | \`${cell(example)}\` |`,
      ),
    ],
    [
      'functions left out',
      Object.entries(REFUSED_FUNCTIONS).map(
        ([name, { message, instead }]) => `| \`$${name}\` | ${message} | ${cell(instead ?? '')} |`,
      ),
    ],
  ]
  for (const [name, rows] of tables) {
    it(`has the table of ${name} that the code gives`, () => {
      expect(guide).toContain(rows.join('\n'))
    })
  }

  it('shows only expressions that can be saved', () => {
    const blocks = [...guide.matchAll(/```jsonata\n([\s\S]*?)```/g)].map(([, source = '']) => source)
    expect(blocks.length).toBeGreaterThan(3)
    for (const source of blocks)
      expect({ source, ...lowerExpression(source) }).toMatchObject({ source, ok: true, warnings: [] })
  })
})
