import type { Readable } from 'node:stream'
import { LineSplitter } from '../lines/split-lines.js'

/** Longest line that is read; a longer one counts as unreadable. */
export const MAX_LINE_BYTES = 32_768

/** A line of a log and where it stands in the inflated content. `bytes` is absent when it is too long. */
export interface LogLine {
  readonly bytes: Buffer | undefined
  /** From 1. */
  readonly number: number
  readonly start: number
  /** Where the next one starts. */
  readonly end: number
  /** Whether there is a line feed behind it: only the last line may have none. */
  readonly ended: boolean
}

/** The lines of a log from its beginning. The last one needs no end. */
export async function* readLogLines(content: Readable): AsyncGenerator<LogLine> {
  const splitter = new LineSplitter(MAX_LINE_BYTES)
  let offset = 0
  let number = 0
  const placed = (line: { readonly length: number; readonly bytes?: Buffer }, ended: boolean): LogLine => {
    const start = offset
    offset += line.length
    number += 1
    return { bytes: line.bytes, number, start, end: offset, ended }
  }
  for await (const piece of content) for (const line of splitter.add(Buffer.from(piece))) yield placed(line, true)
  for (const line of splitter.end()) yield placed(line, false)
}
