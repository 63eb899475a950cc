import { type DestinationStream, destination, type Logger as PinoLogger, pino } from 'pino'
import { redactForLog, scrubText } from './redact.js'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export type Logger = PinoLogger

export interface LoggerOptions {
  readonly level: LogLevel
  /** Stands in every line as `service`. */
  readonly service: string
  /** Where lines go; standard output when left out. */
  readonly stream?: DestinationStream
}

/** JSON lines, one a record. No secret gets out: keys are masked at any depth, and the finished line is scrubbed again. */
export function createLogger({ level, service, stream }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: redactRecord,
        bindings: redactRecord,
      },
      serializers: { err: (value: unknown) => value, error: (value: unknown) => value },
      hooks: { streamWrite: scrubText },
    },
    stream ?? destination({ dest: 1, sync: true }),
  )
}

function redactRecord(record: Record<string, unknown>): Record<string, unknown> {
  const safe = redactForLog(record)
  return typeof safe === 'object' && safe !== null ? Object.fromEntries(Object.entries(safe)) : {}
}
