import { scrubText } from '../../observability/redact.js'

const SHOWN_LEVELS: ReadonlySet<unknown> = new Set(['warn', 'error', 'fatal'])
const UNSHOWN_FIELDS: ReadonlySet<string> = new Set([
  'level',
  'time',
  'service',
  'msg',
  'request_id',
  'pid',
  'hostname',
])

interface ShowOptions {
  /** Shows records of every level. */
  readonly verbose: boolean
  /** Shows lines that are no log records. */
  readonly plain: boolean
}

/** A child's line as the terminal shows it, if it does. An error is a line there; its stack stands in the log file. */
export function showLine(line: string, { verbose, plain }: ShowOptions): string | undefined {
  const record = parseRecord(line)
  if (record === undefined) return plain ? scrubText(line) : undefined
  if (!verbose && !SHOWN_LEVELS.has(record.level)) return undefined
  const rest = Object.entries(record)
    .filter(([key]) => !UNSHOWN_FIELDS.has(key))
    .map(([key, value]) => `${key}=${textOf(value)}`)
  return scrubText([`${record.level}`.padEnd(5), record.msg, ...rest].join(' '))
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && 'stack' in value && 'message' in value) {
    return 'type' in value ? `${value.type}: ${value.message}` : `${value.message}`
  }
  return JSON.stringify(value)
}

function parseRecord(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{"level"')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined
  } catch {
    return undefined
  }
}
