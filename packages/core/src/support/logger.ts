/** Where messages go. `data` holds plain values, never headers, bodies or secrets. */
export interface Logger {
  debug(message: string, data?: LogData): void
  info(message: string, data?: LogData): void
  warn(message: string, data?: LogData): void
  error(message: string, data?: LogData): void
}
export type LogData = Readonly<Record<string, string | number | boolean | undefined>>
export type LogLevel = keyof Logger

/** A logger that says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Wraps a logger so that whatever it does, throwing included, nothing reaches the caller. */
export function guardLogger(logger: Logger): Logger {
  const guarded = (level: LogLevel) => (message: string, data?: LogData) => {
    try {
      const outcome: unknown = data === undefined ? logger[level](message) : logger[level](message, data)
      // Of any realm or library: what a logger rejects later is nobody's to catch.
      if (typeof outcome === 'object' && outcome !== null && 'then' in outcome) {
        Promise.resolve(outcome).catch(() => undefined)
      }
    } catch {
      // A logger that fails must not take the application with it.
    }
  }
  return { debug: guarded('debug'), info: guarded('info'), warn: guarded('warn'), error: guarded('error') }
}

/**
 * Says a condition once, and its end once: what fails for an hour is two lines, not thousands.
 * @example
 * notices.enter('stream', () => logger.warn('The stream broke.'))
 * notices.leave('stream', () => logger.info('The stream is back.'))
 */
export class NoticeBoard {
  readonly #open = new Set<string>()

  /** Runs `say` unless the condition is already known. */
  enter(condition: string, say: () => void): void {
    if (this.#open.has(condition)) return
    this.#open.add(condition)
    say()
  }

  /** Runs `say` if the condition was known, and forgets it. */
  leave(condition: string, say: () => void): void {
    if (this.#open.delete(condition)) say()
  }
}
