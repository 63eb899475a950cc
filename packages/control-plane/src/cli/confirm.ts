import { createInterface } from 'node:readline/promises'
import { CliError } from './cli-error.js'
import { EXIT } from './exit-codes.js'
import type { Terminal } from './terminal.js'

/** Asks on a terminal; where nobody can answer, `--yes` must have been given. Throws unless the answer is yes. */
export async function confirm(
  question: string,
  { yes, terminal }: { readonly yes: boolean; readonly terminal: Terminal },
) {
  if (yes) return
  if (terminal.stdin.isTTY !== true) {
    throw new CliError(`${question} Nobody is here to answer.`, { exitCode: EXIT.usage, hint: 'Say yes with --yes.' })
  }
  const reader = createInterface({ input: terminal.stdin, output: terminal.stderr })
  try {
    const answer = await reader.question(`${question} [y/N] `)
    if (/^y(?:es)?$/i.test(answer.trim())) return
  } finally {
    reader.close()
  }
  throw new CliError('Nothing was changed.', { exitCode: EXIT.refused })
}
