import { ANY_LIST, compileProgram, PROGRAM_VERSION, type Program } from '@esper/core'
import { fieldWarnings } from './field-warnings.js'
import { type ExpressionIssue, type ExpressionIssueCode, ExpressionRefused, issueAt } from './issue.js'
import { Lowering } from './lower.js'
import type { ListIds, NamedList } from './lower-list.js'
import { parseExpression } from './parse.js'

export interface ExpressionOptions {
  /**
   * Where the expression stands: an action cannot read `actions`; an exemption cannot read the response, and may compare a
   * redacted field with a keyed hash. Default `policy`.
   */
  readonly kind?: 'action' | 'policy' | 'match' | 'exemption'
  /** Names of cookies that the tenant carries in clear, which may be read like any field. Default none. */
  readonly clearCookies?: readonly string[]
  /** The lists that `$in_list` may name: ids by name. Default none. */
  readonly lists?: ListIds
  /** Whether it is tried on a record that is a list, where names go through the list. Default false: events are no lists. */
  readonly ofList?: boolean
}

export type LoweredExpression =
  | {
      readonly ok: true
      readonly program: Program
      /** Paths it reads, each once, names joined by `.`. */
      readonly fields: string[]
      /** Lists it looks values up in, each once. */
      readonly lists: NamedList[]
      readonly warnings: ExpressionIssue[]
    }
  | { readonly ok: false; readonly errors: ExpressionIssue[] }

/** Turns a tenant's JSONata into a program, or says what is wrong with it, where, and what to write instead. Never throws. */
export function lowerExpression(source: string, options: ExpressionOptions = {}): LoweredExpression {
  try {
    return lowered(source, options)
  } catch (error) {
    if (error instanceof ExpressionRefused) return { ok: false, errors: [error.issue] }
    return refused(source, 'expression_unsupported', 'The expression could not be understood.')
  }
}

function lowered(
  source: string,
  { kind = 'policy', clearCookies = [], lists = NO_LISTS, ofList = false }: ExpressionOptions,
): LoweredExpression {
  const lowering = new Lowering({ source, clearCookies, kind, lists, ofList })
  const program: Program = { version: PROGRAM_VERSION, root: lowering.lower(parseExpression(source)) }
  const compiled = compileProgram(program, undefined, ANY_LIST)
  if (!compiled.ok) return refused(source, 'expression_too_complex', compiled.problem.message)
  const fields = [...new Set(lowering.reads.map(({ path }) => path.join('.')))]
  const warnings = unique([...lowering.warnings, ...fieldWarnings(source, lowering.reads)])
  if (fields.length === 0 && !ofList) warnings.push(constantWarning(source))
  const named = new Map(lowering.lists.map((list) => [list.name, list]))
  return { ok: true, program, fields, lists: [...named.values()], warnings }
}

const NO_LISTS: ListIds = new Map()

/** `a ?? b` reaches the tree with `a` in it twice. */
function unique(issues: readonly ExpressionIssue[]): ExpressionIssue[] {
  return [...new Map(issues.map((issue) => [`${issue.code} ${issue.line} ${issue.column}`, issue])).values()]
}

function constantWarning(source: string): ExpressionIssue {
  const message = 'It reads no field, so its answer is the same for every event.'
  return issueAt(source, { start: 0, end: source.length }, { code: 'expression_constant', message })
}

function refused(source: string, code: ExpressionIssueCode, message: string): LoweredExpression {
  return { ok: false, errors: [issueAt(source, { start: 0, end: source.length }, { code, message })] }
}
