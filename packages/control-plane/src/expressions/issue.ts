/** What is wrong with an expression, or worth a warning, and where. Lines and columns begin at 1. */
export interface ExpressionIssue {
  readonly code: ExpressionIssueCode
  readonly message: string
  readonly line: number
  readonly column: number
  readonly length?: number
  /** What to write in its place. */
  readonly instead?: string
}

export const EXPRESSION_ERROR_CODES = [
  'expression_empty',
  'expression_too_long',
  'expression_too_deep',
  'expression_too_complex',
  'expression_syntax',
  'expression_unsupported',
  'expression_function_unknown',
  'expression_function_unsupported',
  'expression_arguments',
  'expression_field_redacted',
  'expression_field_unavailable',
  'expression_list_unknown',
  'pattern_unsupported',
] as const

export const EXPRESSION_WARNING_CODES = ['field_unknown', 'expression_constant', 'pattern_slow'] as const

export type ExpressionIssueCode = (typeof EXPRESSION_ERROR_CODES)[number] | (typeof EXPRESSION_WARNING_CODES)[number]

/** A part of the source, in UTF-16 units from 0, the end not included. */
export interface Span {
  readonly start: number
  readonly end: number
}

interface IssueText {
  readonly code: ExpressionIssueCode
  readonly message: string
  readonly instead?: string | undefined
}

/** An issue at a part of the source. */
export function issueAt(source: string, { start, end }: Span, { code, message, instead }: IssueText): ExpressionIssue {
  const from = Math.max(0, Math.min(start, source.length))
  const lines = source.slice(0, from).split(/\r\n|\r|\n/)
  const position = { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
  const length = Math.max(1, Math.min(end, source.length) - from)
  return { code, message, ...position, length, ...(instead === undefined ? {} : { instead }) }
}

/** Thrown while an expression is lowered; `lowerExpression` turns it into a result. */
export class ExpressionRefused extends Error {
  readonly issue: ExpressionIssue
  constructor(issue: ExpressionIssue) {
    super(issue.message)
    this.issue = issue
  }
}
