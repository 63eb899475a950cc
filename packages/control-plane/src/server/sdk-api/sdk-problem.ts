import type { ServerResponse } from 'node:http'
import { type DomainError, PROBLEM_TYPE, toProblem } from '../../http/problem.js'

/**
 * Answers an SDK with a problem. A refused signature carries the server's time, by which the SDK corrects its clock
 * before it signs again.
 */
export function sendSdkProblem(response: ServerResponse, error: DomainError, now: number): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const problem = toProblem(error)
  const body = JSON.stringify(error.status === 401 ? { ...problem, server_time: now } : problem)
  response.writeHead(error.status, {
    'content-type': PROBLEM_TYPE,
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
    ...(error.retryAfterSeconds === undefined
      ? {}
      : { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSeconds))) }),
    // The rest of a refused body is not worth reading.
    ...(error.kind === 'too_large' ? { connection: 'close' } : {}),
  })
  response.end(body)
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
