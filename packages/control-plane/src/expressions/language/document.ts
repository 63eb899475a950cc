import { FIELD_CATALOG } from '@esper/core'
import type { LanguageEntry } from './entry.js'
import { FUNCTION_ENTRIES } from './functions.js'
import { type LeftOut, REFUSED_DECORATIONS, REFUSED_FUNCTIONS, REFUSED_KINDS } from './left-out.js'
import { OPERATORS } from './operators.js'
import { SURPRISES } from './surprises.js'

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
  { name: 'operators left out', render: () => leftOut('Form', { ...REFUSED_KINDS, ...REFUSED_DECORATIONS }) },
  { name: 'functions left out', render: () => leftOut('Function', REFUSED_FUNCTIONS) },
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

function leftOut(what: string, constructs: Readonly<Record<string, LeftOut>>): string {
  const rows = Object.values(constructs).map(({ form, message, instead, example }) => [
    cell(form),
    cell(message),
    cell(instead ?? ''),
    code(example),
  ])
  return table([what, 'Why it is left out', 'Instead', 'For example, refused'], rows)
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
