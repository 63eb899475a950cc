import type { LogData, Logger } from '@esper/core'

function line(message: string, data?: LogData): string {
  return data === undefined ? `esper: ${message}` : `esper: ${message} ${JSON.stringify(data)}`
}

/** Warnings and errors to the console, nothing else. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, data) => console.warn(line(message, data)),
  error: (message, data) => console.error(line(message, data)),
}
