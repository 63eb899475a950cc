import { CliError } from './cli-error.js'
import { EXIT } from './exit-codes.js'

/** A whole number above zero that was given with a flag. */
export function countOf(flag: string, text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count
  throw new CliError(`${flag}: "${text}" is not a whole number above zero.`, { exitCode: EXIT.usage })
}
