import { combinedFormat } from './combined.js'
import { parseJsonLine } from './json-line.js'
import type { FormatName, LogFormat } from './log-format.js'
import { looksLikeEvent, ndjsonFormat } from './ndjson.js'
import { nginxJsonFormat } from './nginx-json.js'

const FORMATS: Readonly<Record<FormatName, LogFormat>> = {
  combined: combinedFormat,
  'nginx-json': nginxJsonFormat,
  ndjson: ndjsonFormat,
}

export function formatNamed(name: FormatName): LogFormat {
  return FORMATS[name]
}

/** The format that can read the first of these lines that any can; undefined when there is none. */
export function recogniseFormat(lines: readonly string[]): LogFormat | undefined {
  for (const line of lines) {
    const format = formatOf(line)
    if (format.parse(line).ok) return format
  }
  return undefined
}

function formatOf(line: string): LogFormat {
  const json = parseJsonLine(line)
  if (json === undefined) return combinedFormat
  return looksLikeEvent(json) ? ndjsonFormat : nginxJsonFormat
}
