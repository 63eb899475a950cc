import { api } from '../../api/client.js'
import { useLatest } from '../../api/latest.js'
import type { ExpressionCheck, ExpressionCheckInput } from '../../api/types.js'

const DEBOUNCE_MS = 250

/**
 * What the server says of an expression while it is typed; `undefined` while unknown. When it does not say anything, typing
 * goes on: saving checks again.
 */
export function useCheck(
  base: string,
  expression: string,
  kind: NonNullable<ExpressionCheckInput['kind']>,
): ExpressionCheck | undefined {
  const isEmpty = expression.trim() === ''
  const { data, current } = useLatest(
    isEmpty ? undefined : JSON.stringify([base, expression, kind]),
    (signal) => api.post<ExpressionCheck>(`${base}/expressions/check`, { expression, kind }, signal),
    DEBOUNCE_MS,
  )
  return current ? data : undefined
}
