/** One thing wrong with one part of a request, as the API names it. */
export interface FieldIssue {
  readonly path: string
  readonly code: string
  readonly message: string
  readonly line?: number
  readonly column?: number
}

/** What needs a resource that was to be deleted or disabled. */
export interface Dependent {
  readonly resource_type: string
  readonly resource_id: string
  readonly name: string
}

/** `application/problem+json` as the API sends it. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly errors: readonly FieldIssue[]
  readonly usedBy?: readonly Dependent[]
}

/** A call that did not succeed. `status` 0: no answer came. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.name = 'ApiError'
    this.problem = problem
  }

  get status(): number {
    return this.problem.status
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** `/key_fields/0`, `body.key_fields[0]` and `key_fields.0` all name the same field. */
export function normalizePath(path: string): string {
  return path
    .replace(/\[(\w+)\]/g, '.$1')
    .replaceAll('/', '.')
    .replace(/^\.+/, '')
}

function readIssue(value: unknown): FieldIssue {
  const issue = record(value)
  return {
    path: normalizePath(Array.isArray(issue.path) ? issue.path.join('.') : text(issue.path)),
    code: text(issue.code),
    message: text(issue.message),
    ...(typeof issue.line === 'number' && { line: issue.line }),
    ...(typeof issue.column === 'number' && { column: issue.column }),
  }
}

function readDependent(value: unknown): Dependent {
  const dependent = record(value)
  return {
    resource_type: text(dependent.resource_type),
    resource_id: text(dependent.resource_id),
    name: text(dependent.name),
  }
}

/** Reads whatever an error response held; an answer that is no problem document still gives a useful message. */
export function readProblem(status: number, body: unknown): Problem {
  const problem = record(body)
  return {
    status,
    code: text(problem.code) || `http_${status}`,
    title: text(problem.title) || 'The request failed',
    detail: text(problem.detail) || `The server answered with status ${status}.`,
    errors: Array.isArray(problem.errors) ? problem.errors.map(readIssue) : [],
    ...(Array.isArray(problem.used_by) && { usedBy: problem.used_by.map(readDependent) }),
  }
}

/** What to show for any thrown value. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError({
    status: 0,
    code: 'unexpected',
    title: 'Something went wrong in the console',
    detail: error instanceof Error ? error.message : String(error),
    errors: [],
  })
}
