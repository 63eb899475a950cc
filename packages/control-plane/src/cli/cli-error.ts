import type { ExitCode } from './exit-codes.js'

/** One thing that is wrong with what was given, and where. */
export interface Finding {
  /** Dotted path of the field. */
  readonly path: string
  readonly message: string
  readonly code?: string
  /** Of a file, 1-based. */
  readonly line?: number
  readonly column?: number
}

export interface CliErrorDetails {
  readonly exitCode: ExitCode
  /** Stable, as the API's codes are. */
  readonly code?: string | undefined
  readonly findings?: readonly Finding[]
  /** Name of the file that the findings' lines are of. */
  readonly file?: string
  /** What to do about it. */
  readonly hint?: string
  readonly cause?: unknown
}

/** Ends a command with a message for whoever typed it. */
export class CliError extends Error {
  readonly details: CliErrorDetails

  constructor(message: string, details: CliErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'CliError'
    this.details = details
  }
}
