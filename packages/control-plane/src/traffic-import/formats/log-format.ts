import type { Fields } from '@esper/core'

/** One request, as a line of a log tells it. */
export interface LogRecord {
  /** Epoch milliseconds, by the clock of whoever wrote the log. */
  readonly observedAt: number
  readonly fields: Fields
  /**
   * Names of what the line would tell if it were there: fields, `query.*`, `headers.user-agent`. What stands here and
   * not in `fields` was missing from the request; what stands nowhere was never seen.
   */
  readonly sees: readonly string[]
}

export type ParsedLine =
  | { readonly ok: true; readonly record: LogRecord }
  | { readonly ok: false; readonly reason: string }

export const FORMAT_NAMES = ['combined', 'nginx-json', 'ndjson'] as const
export type FormatName = (typeof FORMAT_NAMES)[number]

/** How the lines of a log are read. Never throws: a line that cannot be read says why. */
export interface LogFormat {
  readonly name: FormatName
  parse(line: string): ParsedLine
}

export function unreadable(reason: string): ParsedLine {
  return { ok: false, reason }
}
