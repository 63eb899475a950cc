import { FIELD_CATALOG } from '@esper/core'
import { FUNCTION_ENTRIES, type LanguageEntry, OPERATORS, SURPRISES } from './language.js'
import { REFUSED_FUNCTIONS } from './refused-constructs.js'

/** A part of docs/expressions.md that follows from code. */
export interface LanguagePart {
  readonly name: string
  readonly render: () => string
}

/** The tables of docs/expressions.md. */
export const LANGUAGE_PARTS: readonly LanguagePart[] = [
  { name: 'fields', render: fields },
  { name: 'operators', render: () => entryTable('Form', OPERATORS) },
  { name: 'functions', render: () => entryTable('Function', FUNCTION_ENTRIES) },
  { name: 'surprises', render: surprises },
  { name: 'functions left out', render: leftOut },
]

function fields(): string {
  const rows = FIELD_CATALOG.map(({ name, type, meaning, example }) => [`\`${name}\``, type, meaning, code(example)])
  return table(['Field', 'Type', 'What it is', 'Example'], rows)
}

function entryTable(what: string, entries: readonly LanguageEntry[]): string {
  const rows = entries.map(({ form, meaning, example, gives }) => {
    const answer = gives === undefined ? 'missing' : code(JSON.stringify(gives))
    return [cell(form), cell(meaning), code(example), answer]
  })
  return table([what, 'Meaning', 'Example', 'Gives'], rows)
}

function surprises(): string {
  const rows = SURPRISES.map(({ form, meaning, example }) => [form, meaning, code(example)])
  return table(['What', 'Why, and what to write', 'Example'], rows)
}

function leftOut(): string {
  const rows = Object.entries(REFUSED_FUNCTIONS).map(([name, { message, instead }]) => [
    `\`$${name}\``,
    message,
    cell(instead ?? ''),
  ])
  return table(['Function left out', 'Why', 'Instead'], rows)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function code(text: string): string {
  return `\`${cell(text)}\``
}
