import { CliError } from './cli-error.js'
import { EXIT } from './exit-codes.js'

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** `90s`, `30m`, `24h`, `7d`; a bare number is seconds. */
export function durationSeconds(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? []
  const unitSeconds = UNIT_SECONDS[unit]
  if (count === undefined || unitSeconds === undefined) {
    throw new CliError(`"${text}" is not a duration.`, { exitCode: EXIT.usage, hint: 'Write 90s, 30m, 24h or 7d.' })
  }
  return Number(count) * unitSeconds
}
