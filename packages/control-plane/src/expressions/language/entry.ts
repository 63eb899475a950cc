import type { FieldValue } from '@esper/core'

/** One operator or function of the language, with an example that a test runs. */
export interface LanguageEntry {
  /** How it is written. */
  readonly form: string
  readonly meaning: string
  readonly example: string
  readonly record: Readonly<Record<string, FieldValue>>
  /** What the example gives for the record; `undefined` for missing. */
  readonly gives: FieldValue | undefined
}

export type Row = readonly [
  form: string,
  meaning: string,
  example: string,
  record: Readonly<Record<string, FieldValue>>,
  gives: FieldValue | undefined,
]

export function entries(rows: readonly Row[]): readonly LanguageEntry[] {
  return rows.map(([form, meaning, example, record, gives]) => ({ form, meaning, example, record, gives }))
}

/** Records that examples are tried on. */
export const POST: LanguageEntry['record'] = { request_method: 'POST', request_path: '/login' }
export const BODY: LanguageEntry['record'] = { body: { items: [{ price: 5 }, { price: 7 }], name: 'Ann', note: '' } }
export const BOT: LanguageEntry['record'] = { user_agent: 'Googlebot/2.1' }

/** What the examples find in lists, by the list's name. */
export const EXAMPLE_LISTS: Readonly<Record<string, readonly string[]>> = {
  datacenters: ['198.51.100.0/24'],
  offices: ['203.0.113.0/24', '2001:db8:1::/48', 'office@example.com'],
}
