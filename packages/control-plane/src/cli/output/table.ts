import Table from 'cli-table3'
import type { ApiRecord } from '../../clients/operator-client.js'
import type { Terminal } from '../terminal.js'
import { paintFor } from './colours.js'

export interface Column {
  readonly title: string
  readonly text: (record: ApiRecord) => string
  /** Numbers stand under each other by their last digit. */
  readonly align?: 'right'
}

/** A column that shows one field as it is. */
export function field(name: string, title = name, align?: 'right'): Column {
  return { title, text: (record) => cellText(record[name]), ...(align === undefined ? {} : { align }) }
}

export function cellText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cellText).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : oneLine(String(value))
}

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
}

/** Columns under their titles, two spaces apart; where a terminal is too narrow, the widest texts are cut. */
export function tableText(terminal: Terminal, columns: readonly Column[], records: readonly ApiRecord[]): string {
  const paint = paintFor(terminal.stdout, terminal.env)
  const rows = records.map((record) => columns.map(({ text }) => text(record)))
  const table = new Table({
    colWidths: fittedWidths(columns, rows, terminal.stdout.columns),
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    head: columns.map(({ title }) => paint('bold', title.toUpperCase().replaceAll('_', ' '))),
    colAligns: columns.map(({ align }) => align ?? 'left'),
  })
  table.push(...rows)
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** What others wrote is shown, not obeyed: no line breaks and no escape sequences. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ')
}

const GAP = 2
const NARROWEST = 12

/** Widths of the columns that must be cut for the table to fit; the others take what they need. Numbers are never cut. */
function fittedWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  available: number | undefined,
): (number | null)[] {
  const needed = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((cells) => cells[index]?.length ?? 0)),
  )
  const cut = (most: number) => needed.map((one, at) => (columns[at]?.align === 'right' ? one : Math.min(one, most)))
  const width = (most: number) => cut(most).reduce((sum, one) => sum + one, GAP * (columns.length - 1))
  let most = Math.max(...needed)
  while (available !== undefined && most > NARROWEST && width(most) > available) most -= 1
  return cut(most).map((one, index) => (one === needed[index] ? null : one))
}
