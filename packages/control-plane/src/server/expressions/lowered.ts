import type { Program } from '@esper/core'
import { lowerExpression } from '../../expressions/index.js'
import { DomainError, type FieldError } from '../../http/problem.js'

export interface Lowered {
  readonly program: Program
  /** Fields it reads, as paths. */
  readonly fields: readonly string[]
}

const REMEMBERED = 5_000
/** By source text: every revision lowers every expression of the tenant, and most of them did not change. */
const remembered = new Map<string, Lowered>()

/** The program of an expression; otherwise `expression_invalid` with every problem at its place in field `path`. */
export function lowered(expression: string, path: string): Lowered {
  const known = remembered.get(expression)
  if (known !== undefined) return known
  const result = lowerExpression(expression)
  if (!result.ok) {
    const errors = result.errors.map(
      ({ code, message, line, column, instead }): FieldError => ({
        path,
        code,
        message: instead === undefined ? message : `${message} ${instead}`,
        line,
        column,
      }),
    )
    const [first] = errors
    throw new DomainError('expression_invalid', first?.message ?? 'The expression is not valid.', { errors })
  }
  const made = { program: result.program, fields: result.fields }
  if (remembered.size >= REMEMBERED) remembered.clear()
  remembered.set(expression, made)
  return made
}
