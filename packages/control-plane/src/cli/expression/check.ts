import { type LoweredExpression, lowerExpression } from '../../expressions/index.js'
import { EXIT_CONFIG, printError } from '../run-service.js'
import type { ExpressionFlags } from './flags.js'
import { isForPrograms, printJson, printRows } from './output.js'
import { readInput } from './read-input.js'

export const EXIT_REFUSED = 1

/** `esper expression check`. Resolves with the exit code. */
export async function checkExpression(given: string, flags: ExpressionFlags): Promise<number> {
  const read = given === '-' ? await readInput('-') : { ok: true as const, text: given }
  if (!read.ok) {
    printError('esper expression check', read.reason)
    return EXIT_CONFIG
  }
  const source = read.text
  const result = lowerExpression(source, { kind: flags.kind, clearCookies: flags.clearCookie })
  if (isForPrograms(flags)) printJson(answerOf(result))
  else print(source, result)
  return result.ok ? 0 : EXIT_REFUSED
}

/** The same as `POST /expressions/check` answers. */
function answerOf(result: LoweredExpression) {
  if (!result.ok) return { ok: false, errors: result.errors }
  return { ok: true, fields: result.fields, warnings: result.warnings }
}

function print(source: string, result: LoweredExpression): void {
  const rows: (readonly [string, string])[] = result.ok
    ? [
        ['accepted', 'yes'],
        ['reads', result.fields.length === 0 ? 'no field' : result.fields.join(', ')],
      ]
    : [['accepted', 'no']]
  const issues = result.ok ? result.warnings : result.errors
  printRows([...rows, ...issues.map((issue) => [result.ok ? 'warning' : 'error', issueText(source, issue)] as const)])
}

/** Where it is, with the line of the source and marks under it; what is wrong; what to write instead. */
export function issueText(source: string, issue: IssueText): string {
  const { code, message, line, column, length = 1, instead } = issue
  const lines = [`${message} (${code}${line === undefined ? '' : `, line ${line}, column ${column}`})`]
  const text = line === undefined ? undefined : source.split(/\r\n|\r|\n/)[line - 1]
  if (text !== undefined && column !== undefined) {
    const marks = '^'.repeat(Math.max(1, Math.min(length, text.length - column + 1)))
    lines.push(`  ${text.replaceAll('\t', ' ')}`, `  ${' '.repeat(column - 1)}${marks}`)
  }
  if (instead !== undefined) lines.push(`Instead: ${instead}`)
  return lines.join('\n')
}

interface IssueText {
  readonly code: string
  readonly message: string
  readonly line?: number
  readonly column?: number
  readonly length?: number
  readonly instead?: string
}
