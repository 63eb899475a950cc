import { useEffect, useState } from 'preact/hooks'
import { api } from '../../api/client.js'
import type { ExpressionCheck, ExpressionCheckInput } from '../../api/types.js'

const DEBOUNCE_MS = 250

/** What the server says of an expression while it is typed; `undefined` while unknown. */
export function useCheck(
  base: string,
  expression: string,
  kind: NonNullable<ExpressionCheckInput['kind']>,
): ExpressionCheck | undefined {
  const [answer, setAnswer] = useState<{ expression: string; check: ExpressionCheck }>()

  useEffect(() => {
    if (expression.trim() === '') return
    let current = true
    const timer = setTimeout(async () => {
      try {
        const check = await api.post<ExpressionCheck>(`${base}/expressions/check`, { expression, kind })
        if (current) setAnswer({ expression, check })
      } catch {
        // Saving checks again and says what is wrong; typing goes on without an answer.
      }
    }, DEBOUNCE_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [base, expression, kind])

  return answer?.expression === expression ? answer.check : undefined
}
