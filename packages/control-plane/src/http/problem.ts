import { ERROR_CODES, type ErrorCode, type ErrorKind } from './error-codes.js'

/** One thing wrong with one field. `path` joins keys and indexes by dots. */
export interface FieldError {
  readonly path: string
  readonly code: string
  readonly message: string
  readonly line?: number
  readonly column?: number
}

/** Something that needs the resource a request wanted to take away. */
export interface UsedBy {
  readonly resource_type: string
  readonly resource_id: string
  readonly name: string
}

export interface DomainErrorDetails {
  readonly errors?: readonly FieldError[]
  /** Of `resource_in_use`. */
  readonly usedBy?: readonly UsedBy[]
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number
  /** Where the code's own status is too coarse, such as 405. */
  readonly status?: number
  readonly cause?: unknown
}

/** What a service throws when a request cannot be answered as asked. */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly errors: readonly FieldError[] | undefined
  readonly usedBy: readonly UsedBy[] | undefined
  readonly retryAfterSeconds: number | undefined
  readonly status: number

  constructor(code: ErrorCode, detail: string, details: DomainErrorDetails = {}) {
    super(detail, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'DomainError'
    this.code = code
    this.kind = ERROR_CODES[code].kind
    this.errors = details.errors
    this.usedBy = details.usedBy
    this.retryAfterSeconds = details.retryAfterSeconds
    this.status = details.status ?? STATUSES[this.kind]
  }
}

/** The body of every error answer, `application/problem+json`. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly errors?: readonly FieldError[]
  readonly used_by?: readonly UsedBy[]
}

export const PROBLEM_TYPE = 'application/problem+json'

const STATUSES: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported: 415,
  invalid: 422,
  limited: 429,
  internal: 500,
  unavailable: 503,
}

export function toProblem(error: DomainError): Problem {
  return {
    type: `https://esper.dev/problems/${error.code}`,
    title: ERROR_CODES[error.code].title,
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    ...(error.usedBy === undefined ? {} : { used_by: error.usedBy }),
  }
}

/** Any thrown value as a domain error; what is not one becomes `internal` and says nothing of its insides. */
export function asDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error
  if (error instanceof URIError) return new DomainError('malformed_request', 'The address is not well encoded.')
  return new DomainError('internal', 'The request failed; the log has the reason under its request id.', {
    cause: error,
  })
}
