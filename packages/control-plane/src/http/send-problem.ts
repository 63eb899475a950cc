import type { ServerResponse } from 'node:http'
import { type DomainError, PROBLEM_TYPE, toProblem } from './problem.js'

/** Answers with a problem. Works on plain `node:http` and under Express; does nothing once an answer has begun. */
export function sendProblem(response: ServerResponse, error: DomainError): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = JSON.stringify(toProblem(error))
  response.statusCode = error.status
  response.setHeader('content-type', PROBLEM_TYPE)
  response.setHeader('cache-control', 'no-store')
  response.setHeader('content-length', Buffer.byteLength(body))
  if (error.retryAfterSeconds !== undefined)
    response.setHeader('retry-after', Math.max(1, Math.ceil(error.retryAfterSeconds)))
  if (error.kind === 'unauthenticated') response.setHeader('www-authenticate', 'Bearer')
  // The rest of a refused body is not worth reading: the connection would have to carry it first.
  if (error.kind === 'too_large') response.setHeader('connection', 'close')
  response.end(body)
}
