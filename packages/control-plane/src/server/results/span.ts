import { DomainError } from '../../http/problem.js'

/** A span of time in epoch milliseconds. */
export interface Span {
  readonly from: number
  readonly to: number
}

const DAY_MS = 86_400_000
const LONGEST_MS = 400 * DAY_MS

/** The span asked for; the last 24 hours when nothing was said. */
export function spanOf(
  query: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: number,
): Span {
  const to = query.to === undefined ? now : Date.parse(query.to)
  const from = query.from === undefined ? to - DAY_MS : Date.parse(query.from)
  if (from >= to) throw notValid('must be before to')
  if (to - from > LONGEST_MS) throw notValid('must be at most 400 days before to')
  return { from, to }
}

export function isoSpan({ from, to }: Span): { from: string; to: string } {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

function notValid(message: string): DomainError {
  return new DomainError('validation_failed', 'Not valid: from.', {
    errors: [{ path: 'from', code: 'invalid_span', message }],
  })
}
