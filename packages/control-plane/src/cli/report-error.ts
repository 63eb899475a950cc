import { type ApiProblem, type ApiProblemError, ApiUnreachable, RefusedByApi } from '../clients/operator-client.js'
import { scrubText } from '../observability/redact.js'
import { CliError, type Finding } from './cli-error.js'
import { EXIT, type ExitCode } from './exit-codes.js'
import { paintFor } from './output/colours.js'
import type { Terminal } from './terminal.js'

export interface ReportOptions {
  /** As it was typed, for example `esper policy create`. */
  readonly command: string
  /** One JSON line instead of text. */
  readonly json: boolean
}

/** Says on standard error what went wrong and what to do. Returns the exit code. */
export function reportError(error: unknown, terminal: Terminal, { command, json }: ReportOptions): ExitCode {
  const { message, details } = asCliError(error)
  const { exitCode, code, findings = [], file, hint } = details
  if (json) {
    const line = { error: { code: code ?? null, message, exit_code: exitCode, findings, hint: hint ?? null } }
    terminal.stderr.write(`${scrubText(JSON.stringify(line))}\n`)
    return exitCode
  }
  const paint = paintFor(terminal.stderr, terminal.env)
  const lines = [
    `${paint('red', `${command}:`)} ${message}${code === undefined ? '' : paint('dim', ` (${code})`)}`,
    ...findings.map((finding) => `  ${findingText(finding, file)}`),
    ...(hint === undefined ? [] : [hint]),
  ]
  terminal.stderr.write(`${scrubText(lines.join('\n'))}\n`)
  return exitCode
}

function findingText({ path, message, line, column }: Finding, file: string | undefined): string {
  const place = line === undefined ? '' : `${file ?? ''}:${line}:${column ?? 1}  `
  return `${place}${path === '' ? '' : `${path}  `}${message}`
}

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error
  if (error instanceof RefusedByApi) return refusal(error.problem, error)
  if (error instanceof ApiUnreachable) {
    const hint = 'Is the server running, and is this its address? esper profile list shows the profiles.'
    return new CliError(error.message, { exitCode: EXIT.unreachable, code: 'unreachable', hint, cause: error })
  }
  const message = error instanceof Error ? error.message : String(error)
  return new CliError(message, { exitCode: EXIT.refused, cause: error })
}

/** What the API's refusal means to whoever typed the command. */
export function refusal({ status, code, detail, errors }: ApiProblem, cause?: unknown): CliError {
  const hint = HINTS[code]
  return new CliError(detail, {
    exitCode: exitCodeOf(status),
    code,
    findings: (errors ?? []).map(findingOf),
    ...(hint === undefined ? {} : { hint }),
    cause,
  })
}

/** One of the API's field errors. The place inside of an expression is said in words: a finding's own is that of a file. */
export function findingOf({ path, code, message, line, column }: ApiProblemError): Finding {
  return {
    path,
    code,
    message: line === undefined ? message : `${message} (line ${line}, column ${column ?? 1} of it)`,
  }
}

const HINTS: Readonly<Record<string, string>> = {
  unauthenticated: 'The token may be too old or revoked. Sign in with another one: esper auth login --token',
}

function exitCodeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return EXIT.notAllowed
  if (status === 404) return EXIT.notFound
  return status === 429 || status >= 500 ? EXIT.unreachable : EXIT.refused
}
