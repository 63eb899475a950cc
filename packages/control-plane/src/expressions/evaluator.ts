import { LIMITS, type ListContents, NO_LISTS, type PreparedExpression, prepareExpression } from '@esper/core'
import { type ExpressionOptions, lowerExpression } from './lower-expression.js'
import { runErrorMessage } from './run-errors.js'

/** What an expression gives for a record, or why it gives nothing. `value` is absent when the answer is missing. */
export type Evaluation = { readonly ok: true; readonly value?: unknown } | EvaluationProblem

export interface EvaluationProblem {
  readonly ok: false
  /** Whether the expression is refused as it would be at save, or gives an error for this record. */
  readonly stage: 'save' | 'run'
  readonly code: string
  readonly message: string
  readonly line?: number
  readonly column?: number
  /** What to write in its place. */
  readonly instead?: string
}

type Prepared = { readonly ok: true; readonly expression: PreparedExpression } | EvaluationProblem

/** Where the stack ends: events are bounded in depth, what people try is not. */
export const TOO_DEEP: EvaluationProblem = runProblem('input_too_deep')

const REMEMBERED = 1_000

/** Evaluates expressions on records of any kind, as people try them. Remembers the last ones, prepared. */
export class Evaluator {
  readonly #options: ExpressionOptions
  readonly #contents: ListContents
  readonly #prepared = new Map<string, Prepared>()

  /** `contents`: what is in the lists that expressions may name. */
  constructor(options: ExpressionOptions = {}, contents: ListContents = NO_LISTS) {
    this.#options = options
    this.#contents = contents
  }

  /** Evaluates an expression on a record: any JSON value, or `undefined` for none. Never throws. */
  evaluate(source: string, record: unknown): Evaluation {
    const prepared = this.#prepare(source, Array.isArray(record))
    if (!prepared.ok) return prepared
    try {
      const answer = prepared.expression.evaluate(record)
      if (!answer.ok) return runProblem(answer.code)
      return answer.value === undefined ? { ok: true } : answer
    } catch (error) {
      if (error instanceof RangeError) return TOO_DEEP
      throw error
    }
  }

  #prepare(source: string, ofList: boolean): Prepared {
    const name = `${ofList ? 'list' : 'record'} ${source}`
    const known = this.#prepared.get(name)
    if (known !== undefined) return known
    const prepared = prepare(source, { ...this.#options, ofList }, this.#contents)
    if (this.#prepared.size >= REMEMBERED) this.#prepared.clear()
    if (source.length <= LIMITS.expressionBytes) this.#prepared.set(name, prepared)
    return prepared
  }
}

function prepare(source: string, options: ExpressionOptions, contents: ListContents): Prepared {
  const lowered = lowerExpression(source, options)
  if (!lowered.ok) {
    const [issue] = lowered.errors
    if (issue === undefined) return { ok: false, stage: 'save', code: 'expression_unsupported', message: '' }
    const { code, message, line, column, instead } = issue
    return { ok: false, stage: 'save', code, message, line, column, ...(instead === undefined ? {} : { instead }) }
  }
  const prepared = prepareExpression(lowered.program, contents)
  if (prepared.ok) return prepared
  return { ok: false, stage: 'save', code: 'expression_too_complex', message: prepared.problem.message }
}

function runProblem(code: string): EvaluationProblem {
  return { ok: false, stage: 'run', code, message: runErrorMessage(code) }
}
