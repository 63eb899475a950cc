import { EXPRESSION_ERROR_CODES, EXPRESSION_WARNING_CODES, RUN_ERRORS } from '../expressions/index.js'
import { ERROR_CODES, type ErrorCode } from './error-codes.js'
import { FIELD_CODES } from './field-codes.js'
import { DomainError } from './problem.js'

/** docs/errors.md, from the codes that the services know. */
export function errorsDocument(): string {
  return `${[INTRODUCTION, problemTable(), FIELDS, fieldTable(), EXPRESSIONS, expressionList(), RUN, runTable()].join('\n\n')}\n`
}

const INTRODUCTION = `# Errors

Every error is answered with \`application/problem+json\`:

\`\`\`json
{
  "type": "https://esper.dev/problems/validation_failed",
  "title": "Some fields are not valid.",
  "status": 422,
  "detail": "Not valid: window.seconds.",
  "code": "validation_failed",
  "errors": [{ "path": "window.seconds", "code": "too_big", "message": "must be at most 86,400 seconds (a day)" }]
}
\`\`\`

\`code\` is stable; \`title\`, \`detail\` and \`message\` are for people and may be worded better one day. \`errors\` has an
entry for each field, whose \`path\` joins names and positions by dots and is empty when no single field is to blame; an
expression's entry also has \`line\` and \`column\`, which begin at 1. \`resource_in_use\` adds \`used_by\`: what needs the
resource. 401 to an SDK adds \`server_time\` in epoch milliseconds. 429 and 503 say in \`Retry-After\` when to come again.
The \`x-request-id\` of the answer finds the request in the log.`

const FIELDS = `## Codes of fields

Inside \`errors\`, beside the codes of expressions below.`

const EXPRESSIONS = `## Codes of expressions

With \`expression_invalid\`, and from \`POST /expressions/check\`. [Expressions](expressions.md) says what each is about.`

const RUN = `## Codes of evaluation

An expression can give an error for a record, where JSONata would raise it. A policy or action whose expression errs does
not match; \`esper expression eval\`, \`POST /expressions/eval\` and explanations show the code.`

function problemTable(): string {
  const codes = Object.keys(ERROR_CODES).filter(isErrorCode)
  const rows = codes.map((code) => ({ code, status: statusOf(code), title: ERROR_CODES[code].title }))
  rows.sort((one, other) => one.status - other.status || one.code.localeCompare(other.code))
  const lines = rows.map(({ code, status, title }) => `| \`${code}\` | ${status} | ${title} |`)
  return ['| Code | Status | What it says |', '|---|---|---|', ...lines].join('\n')
}

/** The one code whose own status is finer than its kind's. */
function statusOf(code: ErrorCode): number {
  return code === 'method_not_allowed' ? 405 : new DomainError(code, '').status
}

function fieldTable(): string {
  const lines = Object.entries(FIELD_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`)
  return ['| Code | What is wrong |', '|---|---|', ...lines].join('\n')
}

function expressionList(): string {
  const listed = (codes: readonly string[]) => codes.map((code) => `\`${code}\``).join(', ')
  return `Errors: ${listed(EXPRESSION_ERROR_CODES)}.\n\nWarnings: ${listed(EXPRESSION_WARNING_CODES)}.`
}

function runTable(): string {
  const lines = Object.entries(RUN_ERRORS).map(([code, message]) => `| \`${code}\` | ${message} |`)
  return ['| Code | What it says |', '|---|---|', ...lines].join('\n')
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}
