import type { Decision } from './decision.js'
import type { Esper } from './esper.js'
import { findNextVersion } from './next/find-next-version.js'
import { isSafeNext, SAFE_NEXT } from './next/next-version.js'
import type { RequestEsper } from './request-esper.js'

/** The part of Next's event that is used. */
export interface NextEvent {
  waitUntil?(promise: Promise<unknown>): void
}

/** What a route handler gets from Next, beside the request. */
export interface NextContext {
  readonly params?: unknown
}

/** What a protected route handler gets of Esper. */
export interface WithEsper {
  readonly esper: RequestEsper
}

type Answer = Response | Promise<Response>

/** A proxy that answers so lets the request go on to its route. */
function goOn(): Response {
  return new Response(null, { headers: { 'x-middleware-next': '1' } })
}

function isAnswer({ headers }: Response): boolean {
  return !headers.has('x-middleware-next') && !headers.has('x-middleware-rewrite')
}

/** Middleware of versions below these can be gone around by anybody (CVE-2025-29927). */
function warnOfUnsafeNext(esper: Esper): void {
  const version = findNextVersion()
  if (version === undefined || isSafeNext(version)) return
  esper.warn(
    `Next.js ${version} lets requests go around its middleware (CVE-2025-29927). Update to ${SAFE_NEXT.join(', ')} or later, and protect route handlers with esperRoute.`,
  )
}

/**
 * Next's `proxy` (Next 16) or `middleware` (Next 15), in the Node and in the edge runtime: decides each request that its
 * `matcher` lets through, and answers what must not pass. `next` is the application's own proxy, if it has one.
 *
 * A proxy does not see what the routes behind it answer: policies that read the response need `esperRoute`. Protect each
 * route in one place, or it counts twice.
 * @example
 * // proxy.ts
 * export const proxy = esperNext(esper)
 * export const config = { matcher: ['/((?!_next/|api/).*)'] }
 */
export function esperNext<R extends Request, E extends NextEvent>(
  esper: Esper,
  next: (request: R, context: WithEsper & { readonly event: E }) => Answer = goOn,
): (request: R, event: E) => Promise<Response> {
  warnOfUnsafeNext(esper)
  return (request, event) =>
    esper.respond(request, (own) => next(request, { esper: own, event }), {
      isAnswer,
      waitUntil: (promise) => event.waitUntil?.(promise),
    })
}

/**
 * Protects one route handler: decides before it runs, and tells it in its second argument. `context.esper.decide` decides
 * again with what the handler knows; where that is enforced, whatever the handler answers is replaced.
 * @example
 * // app/api/orders/route.ts
 * export const POST = esperRoute(esper, async (request, { esper }) => {
 *   if (esper.decide({ user_id: await userOf(request) }).enforced) return new Response()
 *   return Response.json(await order(request))
 * })
 */
export function esperRoute<R extends Request, C extends NextContext>(
  esper: Esper,
  handler: (request: R, context: C & WithEsper) => Answer,
): (request: R, context: C) => Promise<Response> {
  warnOfUnsafeNext(esper)
  return async (request, context) => {
    const route = await routeOf(context)
    return esper.respond(request, (own) => handler(request, { ...context, esper: own }), { route })
  }
}

async function routeOf(context: NextContext | undefined): Promise<Readonly<Record<string, string>> | undefined> {
  // A promise since Next 15.
  const params: unknown = await context?.params
  if (typeof params !== 'object' || params === null) return undefined
  const texts = Object.entries(params).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join('/') : String(value),
  ])
  return Object.fromEntries(texts)
}

export type { Decision, Esper, RequestEsper }
