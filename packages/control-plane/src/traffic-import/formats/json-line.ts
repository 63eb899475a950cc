import { type Fields, isRecord } from '@esper/core'

/** The object that a line holds, or undefined. */
export function parseJsonLine(line: string): Fields | undefined {
  if (!line.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** What `JSON.parse` made is plain data, so an object is all there is to check. */
export function isFields(value: unknown): value is Fields {
  return isRecord(value)
}
