import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'
import { Histogram, type Registry } from 'prom-client'
import type { Logger } from '../observability/logger.js'
import type { Runtime } from '../runtime/module.js'

export const REQUEST_ID_HEADER = 'x-request-id'

export interface RequestContext {
  readonly requestId: string
  /** Writes the request's id with every record. */
  readonly logger: Logger
}

const storage = new AsyncLocalStorage<RequestContext>()

/** The context of the request under way; undefined outside of one. */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore()
}

/** Gives each request an id (the caller's, when it is well formed), a logger, one log record and one measurement. */
export function requestContext(runtime: Pick<Runtime, 'logger' | 'metrics'>, listener: string) {
  const durations = requestDurations(runtime.metrics)
  return (request: Request, response: Response, next: NextFunction): void => {
    const requestId = requestIdOf(request)
    const logger = runtime.logger.child({ request_id: requestId })
    const startedAt = performance.now()
    response.setHeader(REQUEST_ID_HEADER, requestId)
    response.once('close', () => {
      const ms = performance.now() - startedAt
      // The route's pattern, never its path: labels must stay few.
      const route = typeof request.route?.path === 'string' ? request.baseUrl + request.route.path : 'none'
      durations.observe({ listener, method: request.method, route, status: response.statusCode }, ms / 1_000)
      const record = {
        listener,
        method: request.method,
        path: request.path,
        status: response.statusCode,
        ms: Math.round(ms),
      }
      logger[response.statusCode >= 500 ? 'warn' : 'debug'](record, 'request')
    })
    storage.run({ requestId, logger }, next)
  }
}

function requestIdOf(request: Request): string {
  const sent = request.headers[REQUEST_ID_HEADER]
  return typeof sent === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(sent)
    ? sent
    : `req_${randomBytes(12).toString('base64url')}`
}

function requestDurations(registry: Registry): Histogram {
  const name = 'esper_http_request_duration_seconds'
  const known = registry.getSingleMetric(name)
  if (known instanceof Histogram) return known
  return new Histogram({
    name,
    help: 'Time to answer, by listener, method, route and status.',
    labelNames: ['listener', 'method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
}
