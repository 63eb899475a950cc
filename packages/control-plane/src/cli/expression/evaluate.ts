import { truthy } from '@esper/core'
import { type Evaluation, Evaluator } from '../../expressions/index.js'
import { EXIT_CONFIG, printError } from '../run-service.js'
import { EXIT_REFUSED, issueText } from './check.js'
import { evaluateLines } from './evaluate-lines.js'
import type { EvalFlags } from './flags.js'
import { isForPrograms, printJson, printRows } from './output.js'
import { readJson } from './read-input.js'

const EXIT_ERRED = 3

/** `esper expression eval`. Resolves with the exit code. */
export async function evaluateExpression(source = '', flags: EvalFlags): Promise<number> {
  const evaluator = new Evaluator({ kind: flags.kind, clearCookies: flags.clearCookie })
  endWhenNobodyReads()
  if (flags.stdin) {
    await evaluateLines({ evaluator, from: process.stdin, to: process.stdout })
    return 0
  }
  const record = await readJson(flags.fields ?? '-')
  if (!record.ok) {
    printError('esper expression eval', record.reason)
    return EXIT_CONFIG
  }
  const evaluation = evaluator.evaluate(source, record.value)
  if (isForPrograms(flags)) printJson(evaluation)
  else print(source, evaluation)
  if (evaluation.ok) return 0
  return evaluation.stage === 'save' ? EXIT_REFUSED : EXIT_ERRED
}

/** `| head` closes our output: that is no failure of ours. */
function endWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : EXIT_CONFIG))
}

function print(source: string, evaluation: Evaluation): void {
  if (!evaluation.ok) {
    printRows([['error', issueText(source, evaluation)]])
    return
  }
  const { value } = evaluation
  printRows([
    ['value', value === undefined ? '(missing)' : JSON.stringify(value, null, 2)],
    ['holds', truthy(value) === true ? 'yes' : 'no'],
  ])
}
