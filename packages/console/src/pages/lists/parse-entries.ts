import type { ListEntryInput } from '../../api/types.js'

type Entry = Exclude<ListEntryInput, string>

/** An entry with the line it was read from, 1-based. */
export interface ReadEntry {
  readonly line: number
  readonly entry: Entry
}

export interface ReadProblem {
  readonly line: number
  readonly message: string
}

export interface ReadEntries {
  readonly entries: readonly ReadEntry[]
  readonly problems: readonly ReadProblem[]
}

const HEADER = /^"?value"?(?:[,;\t]|$)/i

/**
 * Reads what people paste: an entry a line, alone or as CSV `value, note, expiry`, separated by commas, semicolons or
 * tabs. Empty lines, comments behind `#` at the start of a line, and a header line are skipped.
 */
export function parseEntries(text: string): ReadEntries {
  const entries: ReadEntry[] = []
  const problems: ReadProblem[] = []
  text.split(/\r\n|\r|\n/).forEach((raw, index) => {
    const line = index + 1
    const content = raw.trim()
    if (content === '' || content.startsWith('#') || (line === 1 && HEADER.test(content))) return
    const read = readLine(content)
    if (typeof read === 'string') problems.push({ line, message: read })
    else entries.push({ line, entry: read })
  })
  return { entries, problems }
}

function readLine(content: string): Entry | string {
  const cells = splitCells(content)
  if (cells === undefined) return 'A quote is not closed.'
  const [value = '', note = '', expiry = '', ...more] = cells
  if (value === '') return 'There is no value before the first separator.'
  if (more.some((cell) => cell !== '')) return 'There are more than three columns: value, note, expiry.'
  const expiresAt = expiry === '' ? undefined : readTime(expiry)
  if (expiresAt === null) return `"${expiry}" is no time. Write it as 2026-01-31 or 2026-01-31T12:00:00Z.`
  return { value, ...(note === '' ? {} : { note }), ...(expiresAt === undefined ? {} : { expires_at: expiresAt }) }
}

function readTime(text: string): string | null {
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

const CELL = /\s*(?:"((?:[^"]|"")*)"\s*|([^",;\t]*[^",;\t]|))(?:[,;\t]|$)/y

/** The cells of a line; undefined when a quote is not closed. */
function splitCells(content: string): readonly string[] | undefined {
  const cells: string[] = []
  CELL.lastIndex = 0
  while (CELL.lastIndex < content.length) {
    const found = CELL.exec(content)
    if (found === null) return undefined
    const [, quoted, plain = ''] = found
    cells.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'))
  }
  return cells
}
