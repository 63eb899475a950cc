import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { scrubText } from '../../observability/redact.js'
import { showLine } from './show-line.js'

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
