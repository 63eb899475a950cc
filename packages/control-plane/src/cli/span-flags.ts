import type { Command } from 'commander'
import { CliError } from './cli-error.js'
import { durationSeconds } from './duration.js'
import { EXIT } from './exit-codes.js'

export interface SpanFlags {
  readonly since?: string
  readonly from?: string
  readonly to?: string
}

/** A span as the API takes it; what is not said is the server's to choose. */
export interface Span {
  readonly from: string | undefined
  readonly to: string | undefined
}

/** Adds `--since`, `--from` and `--to`. */
export function addSpanFlags(command: Command, unlessGiven: string): Command {
  return command
    .option('--since <duration>', `only what is newer, such as 90s, 30m, 24h or 7d; ${unlessGiven}`)
    .option('--from <time>', 'only what is not older, such as 2026-01-31T12:00:00Z')
    .option('--to <time>', 'only what is older')
}

export function spanOf({ since, from, to }: SpanFlags, now: number): Span {
  if (since !== undefined && from !== undefined) {
    throw new CliError('--since and --from say the same thing differently.', {
      exitCode: EXIT.usage,
      hint: 'Give one of them.',
    })
  }
  const start = since === undefined ? instant('--from', from) : now - durationSeconds(since) * 1_000
  return { from: isoOf(start), to: isoOf(instant('--to', to)) }
}

function instant(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new CliError(`${flag}: "${text}" is not a time.`, {
    exitCode: EXIT.usage,
    hint: 'Write 2026-01-31, or 2026-01-31T12:00:00Z.',
  })
}

function isoOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}
