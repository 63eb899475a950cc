/** What an attempt to deliver a batch came to. */
export type SendOutcome =
  /** The server has the batch, now or since an earlier attempt. */
  | { readonly kind: 'accepted' }
  /** To be tried again, not before `afterMs`; `reached` when the server may have seen it. */
  | { readonly kind: 'retry'; readonly afterMs?: number | undefined; readonly reached: boolean; readonly cause: string }
  /** The same batch under a new signature, at once. */
  | { readonly kind: 'resign'; readonly cause: string }
  /** Too large: to be sent as two. */
  | { readonly kind: 'halve' }
  /** Never to be accepted. */
  | { readonly kind: 'rejected'; readonly cause: string }
  /** The key is not accepted: everything waits. */
  | { readonly kind: 'unauthorized'; readonly cause: string }

/** An answer to a batch: its status, the problem's code, and `Retry-After` in milliseconds. */
export interface BatchAnswer {
  readonly status: number
  readonly code?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/** Longest `Retry-After` that is obeyed to the letter: ten minutes. */
const MAX_RETRY_AFTER_MS = 600_000

/** Code of a 401 that a new signature cures: the clock was off and has been corrected since. */
const CLOCK_SKEW = 'clock_skew'

/** What an answer of the server means for the batch. */
export function classifyAnswer({ status, code, retryAfterMs }: BatchAnswer): SendOutcome {
  const cause = code === undefined ? `status ${status}` : `status ${status}, ${code}`
  if (status === 200 || status === 202) return { kind: 'accepted' }
  if (status === 409) return { kind: 'resign', cause }
  if (status === 401 && code === CLOCK_SKEW) return { kind: 'resign', cause }
  if (status === 401 || status === 403) return { kind: 'unauthorized', cause }
  if (status === 413) return { kind: 'halve' }
  if (status === 400 || status === 415 || status === 422) return { kind: 'rejected', cause }
  const afterMs = retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)
  return { kind: 'retry', afterMs, reached: true, cause }
}

/** `Retry-After` in milliseconds: seconds, or an HTTP date against the given time. Undefined when it is neither. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) * 1000
  const at = /GMT$/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}
