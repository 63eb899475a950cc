import { type CompiledProgram, compileProgram } from './compile.js'
import { DIRECT, Frame } from './frame.js'
import { type ListContents, NO_LISTS } from './in-list.js'
import type { ProgramProblem } from './refused.js'
import { Failure } from './semantics.js'

/** What an expression gives for one record: a value (`undefined` for missing), or the code of JSONata's error. */
export type ExpressionAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string }

/** A single program, ready to be evaluated on one record after another. */
export interface PreparedExpression {
  readonly reads: CompiledProgram['reads']
  /** Evaluates the expression on a record, or on any other plain data. `actions` is a field as any other. Never throws. */
  evaluate(record: unknown): ExpressionAnswer
  /** Whether the answer counts as true; one that errs does not. Makes nothing on the heap. Never throws. */
  holds(record: unknown): boolean
}

/**
 * Checks and prepares one program by itself, as the playground, previews and tests need it. Never throws.
 *
 * @param lists Contents of the lists it may look up.
 */
export function prepareExpression(
  program: unknown,
  lists: ListContents = NO_LISTS,
):
  | { readonly ok: true; readonly expression: PreparedExpression }
  | { readonly ok: false; readonly problem: ProgramProblem } {
  const compiled = compileProgram(program, DIRECT, lists)
  if (!compiled.ok) return compiled
  const { evaluate: run, condition, reads } = compiled.program
  const frame = new Frame()
  const evaluate = (record: unknown): ExpressionAnswer => {
    frame.record = record
    const value = run(record, frame)
    return value instanceof Failure ? { ok: false, code: value.code } : { ok: true, value }
  }
  const holds = (record: unknown): boolean => {
    frame.record = record
    return condition(record, frame) === true
  }
  return { ok: true, expression: { reads, evaluate, holds } }
}
