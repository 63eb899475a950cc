import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Decision } from './decision.js'
import type { Esper } from './esper.js'
import type { RequestEsper } from './request-esper.js'

declare global {
  namespace Express {
    interface Request {
      /** Set by `esperExpress`, for everything behind it. */
      esper?: RequestEsper
    }
  }
}

/** The part of an Express request (4 and 5) that is read. */
export interface ExpressRequest extends IncomingMessage {
  originalUrl?: string
  body?: unknown
  params?: unknown
  esper?: RequestEsper
}

function routeOf(params: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof params !== 'object' || params === null) return undefined
  const texts = Object.entries(params).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return texts.length === 0 ? undefined : Object.fromEntries(texts)
}

/**
 * Express middleware: decides each request, answers what must not pass, and leaves the decision at `req.esper`. Put it
 * before what it is to protect. Where policies read the body, it is what a parser in front left, or is read without taking it
 * from a parser behind.
 * @example
 * app.use(esperExpress(esper))
 */
export function esperExpress(
  esper: Esper,
): (request: ExpressRequest, response: ServerResponse, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    const url = request.originalUrl ?? request.url
    const proceed = (own: RequestEsper) => {
      request.esper = own
      next()
    }
    esper.handle(request, response, proceed, { url, body: request.body, route: routeOf(request.params) })
  }
}

export type { Decision, Esper, RequestEsper }
