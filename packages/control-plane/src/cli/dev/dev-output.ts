import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { scrubText } from '../../observability/redact.js'

export interface DevOutput {
  /** A line of our own. */
  say(line: string): void
  /** Shows what a child writes, each line with its name in front, and keeps all of it in a file. */
  follow(name: string, streams: readonly Readable[]): void
  /** Where the files are. */
  readonly logFolder: string
}

export interface DevOutputOptions {
  readonly home: string
  /** Shows everything; otherwise warnings, errors, and what is not a log record. */
  readonly verbose: boolean
  /** Children whose plain lines are only shown when verbose. */
  readonly quiet: readonly string[]
  /** Standard output belongs to the one machine-readable line. */
  readonly toStderr: boolean
}

const NAME_WIDTH = 18
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

export function createDevOutput({ home, verbose, quiet, toStderr }: DevOutputOptions): DevOutput {
  const logFolder = join(home, 'logs')
  mkdirSync(logFolder, { recursive: true })
  const write = (line: string) => void (toStderr ? process.stderr : process.stdout).write(`${line}\n`)
  return {
    logFolder,
    say: write,
    follow: (name, streams) => {
      const file = createWriteStream(join(logFolder, `${name}.log`))
      for (const stream of streams) {
        createInterface({ input: stream }).on('line', (line) => {
          file.write(`${scrubText(line)}\n`)
          const shown = showLine(line, { verbose, plain: verbose || !quiet.includes(name) })
          if (shown !== undefined) write(`${name.padEnd(NAME_WIDTH)}| ${shown}`)
        })
      }
    },
  }
}

interface ShowOptions {
  readonly verbose: boolean
  readonly plain: boolean
}

function showLine(line: string, { verbose, plain }: ShowOptions): string | undefined {
  const record = parseRecord(line)
  if (record === undefined) return plain ? scrubText(line) : undefined
  if (!verbose && !SHOWN_LEVELS.has(record.level)) return undefined
  const rest = Object.entries(record)
    .filter(([key]) => !UNSHOWN_FIELDS.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return scrubText([`${record.level}`.padEnd(5), record.msg, ...rest].join(' '))
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
