import type { ZodType, z } from 'zod'
import { DomainError, type FieldError } from './problem.js'
import { plainMessage } from './validation-messages.js'

/** The value in the schema's shape; otherwise `validation_failed` (422) with one entry a field, in plain words. */
export function validate<S extends ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value, { error: plainMessage, reportInput: true })
  if (result.success) return result.data
  const errors = result.error.issues.flatMap(fieldErrors).slice(0, MOST_ERRORS)
  const names = [...new Set(errors.map((error) => error.path || 'body'))].slice(0, 5).join(', ')
  throw new DomainError('validation_failed', `Not valid: ${names}.`, { errors })
}

/** A list of 100,000 entries can be wrong in as many places. */
const MOST_ERRORS = 100

type Issue = z.core.$ZodIssue

function fieldErrors(issue: Issue): FieldError[] {
  const path = issue.path.map(String).join('.')
  if (issue.code !== 'unrecognized_keys') return [{ path, code: codeOf(issue), message: issue.message }]
  return issue.keys.map((key) => ({
    path: path === '' ? key : `${path}.${key}`,
    code: 'unknown_field',
    message: 'is not a field of this resource',
  }))
}

/** A schema gives a code of its own by `refine(…, { params: { code: 'duplicate' } })`. */
function codeOf(issue: Issue): string {
  if (issue.code === 'custom' && typeof issue.params?.code === 'string') return issue.params.code
  const typed = issue.code === 'invalid_type' || issue.code === 'invalid_value'
  if (typed && issue.input === undefined) return 'required'
  return issue.code
}
