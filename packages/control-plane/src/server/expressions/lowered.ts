import type { Program } from '@esper/core'
import { lowerExpression } from '../../expressions/index.js'
import { DomainError, type FieldError } from '../../http/problem.js'
import type { ExpressionKind } from './schema.js'

export interface ExpressionPlace {
  readonly kind: ExpressionKind
  /** The tenant's cookies in clear: what an expression may compare depends on them. */
  readonly clearCookies: readonly string[]
  /** Field of the resource, for errors. */
  readonly path: string
}

const REMEMBERED = 5_000
/** Every revision lowers every expression of the tenant, and most of them did not change. */
const remembered = new Map<string, Program>()

/** The program of an expression; otherwise `expression_invalid` with every problem at its place. */
export function lowered(expression: string, { kind, clearCookies, path }: ExpressionPlace): Program {
  const name = JSON.stringify([kind, clearCookies, expression])
  const known = remembered.get(name)
  if (known !== undefined) return known
  const result = lowerExpression(expression, { kind, clearCookies })
  if (!result.ok) {
    const errors = result.errors.map(
      ({ code, message, line, column, instead }): FieldError => ({
        path,
        code,
        message: instead === undefined ? message : `${message} Instead: ${instead}`,
        line,
        column,
      }),
    )
    throw new DomainError('expression_invalid', errors[0]?.message ?? 'The expression is not valid.', { errors })
  }
  if (remembered.size >= REMEMBERED) remembered.clear()
  remembered.set(name, result.program)
  return result.program
}
