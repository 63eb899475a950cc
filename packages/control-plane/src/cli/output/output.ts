import { stringify } from 'yaml'
import type { ApiPage, ApiRecord } from '../../clients/operator-client.js'
import type { Terminal } from '../terminal.js'
import { type Column, tableText } from './table.js'

export const OUTPUT_FORMATS = ['table', 'json', 'ndjson'] as const
export type OutputFormat = (typeof OUTPUT_FORMATS)[number]

/** Answers go to standard output, in the form asked for; everything else to standard error. */
export interface Output {
  readonly format: OutputFormat
  /** One answer: text for people, a JSON object for programs. */
  record(record: object, text?: string): void
  /** Items as they come: a table, a JSON array, or a line each. */
  list(pages: AsyncIterable<Pick<ApiPage, 'items'>>, options: ListOptions): Promise<void>
  /** For people alone: what was done. */
  say(text: string): void
  /** Beside the answer, on standard error. */
  note(text: string): void
}

export interface ListOptions {
  readonly columns: readonly Column[]
  /** What stands there instead of an empty table. */
  readonly none: string
  readonly limit?: number
}

export function createOutput(terminal: Terminal, format: OutputFormat): Output {
  const { stdout, stderr } = terminal
  const print = (text: string) => void stdout.write(`${text}\n`)
  return {
    format,
    record: (record, text) => {
      if (format !== 'table') print(JSON.stringify(record, null, format === 'json' ? 2 : undefined))
      else print(text ?? stringify(record, { lineWidth: 0 }).trimEnd())
    },
    list: async (pages, options) => {
      const items: ApiRecord[] = []
      for await (const item of upTo(pages, options.limit)) {
        if (format === 'ndjson') print(JSON.stringify(item))
        else items.push(item)
      }
      if (format === 'json') print(JSON.stringify(items, null, 2))
      if (format === 'table') print(items.length === 0 ? options.none : tableText(terminal, options.columns, items))
    },
    say: (text) => {
      if (format === 'table') print(text)
    },
    note: (text) => void stderr.write(`${text}\n`),
  }
}

async function* upTo(
  pages: AsyncIterable<Pick<ApiPage, 'items'>>,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<ApiRecord> {
  let left = limit
  for await (const { items } of pages) {
    yield* items.slice(0, left)
    left -= items.length
    if (left <= 0) return
  }
}
