import type { Program } from '@esper/core'
import { type ListIds, lowerExpression, type NamedList } from '../../expressions/index.js'
import { DomainError, type FieldError } from '../../http/problem.js'
import type { ExpressionKind } from './schema.js'

/** What of a tenant the meaning of its expressions depends on. */
export interface ExpressionScope {
  /** Its cookies in clear, which may be compared as no other may. */
  readonly clearCookies: readonly string[]
  readonly lists: ListIds
}

export interface ExpressionPlace {
  readonly kind: ExpressionKind
  readonly scope: ExpressionScope
  /** Field of the resource, for errors. */
  readonly path: string
}

const REMEMBERED = 5_000
/** Every revision lowers every expression of the tenant, and most of them did not change. */
const remembered = new Map<string, Lowered>()

export interface Lowered {
  readonly program: Program
  /** Lists it looks values up in. */
  readonly lists: readonly NamedList[]
}

/** The program of an expression; otherwise `expression_invalid` with every problem at its place. */
export function lowered(expression: string, { kind, scope, path }: ExpressionPlace): Lowered {
  const { clearCookies, lists } = scope
  const name = JSON.stringify([kind, clearCookies, expression])
  const known = remembered.get(name)
  if (known?.lists.every((list) => lists.get(list.name) === list.list_id)) return known
  const result = lowerExpression(expression, { kind, clearCookies, lists })
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
  remembered.set(name, result)
  return result
}
