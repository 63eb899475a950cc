import type { FieldRecord, FunctionRecord } from '../../api/types.js'
import { stemOf } from '../field-stem.js'

/** Something to take over into an expression. */
export interface Completion {
  readonly insert: string
  readonly label: string
  readonly note: string
}

/** What an expression can name. */
export interface Vocabulary {
  readonly fields: readonly FieldRecord[]
  readonly functions: readonly FunctionRecord[]
}

const MOST = 8
const PREFIX = /[$A-Za-z_][\w.]*$/

/** What is being typed before the caret. */
export function prefixAt(source: string, caret: number): string {
  const inText = /^(?:[^"]*"[^"]*")*[^"]*"[^"]*$/.test(source.slice(0, caret))
  return inText ? '' : (PREFIX.exec(source.slice(0, caret))?.[0] ?? '')
}

/** Fields and functions that go on from what is typed; those that begin with it come first. */
export function completionsFor(prefix: string, { fields, functions }: Vocabulary): readonly Completion[] {
  if (prefix === '') return []
  const typed = prefix.toLowerCase()
  const all = typed.startsWith('$')
    ? functions.map(({ form, meaning }) => ({ insert: calling(form), label: form, note: meaning }))
    : fields.map((field) => ({ insert: stemOf(field.name), label: field.name, note: field.meaning }))
  const begins = all.filter((one) => one.insert.toLowerCase().startsWith(typed))
  const holds = all.filter((one) => !begins.includes(one) && one.insert.toLowerCase().includes(typed))
  const found = [...begins, ...holds].slice(0, MOST)
  return found.length === 1 && found[0]?.insert === prefix ? [] : found
}

/** A call as far as its first parameter. */
function calling(form: string): string {
  return form.slice(0, form.indexOf('(') + 1)
}

/** The text and caret after taking a completion. */
export function complete(source: string, caret: number, completion: Completion): { text: string; caret: number } {
  const start = caret - prefixAt(source, caret).length
  return {
    text: source.slice(0, start) + completion.insert + source.slice(caret),
    caret: start + completion.insert.length,
  }
}
