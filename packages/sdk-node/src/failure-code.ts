/** The code of a failure, never its text: a text may quote what was sent. */
export function failureCode(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
  if (typeof code === 'string') return code
  return error instanceof Error ? error.name : 'unknown'
}
