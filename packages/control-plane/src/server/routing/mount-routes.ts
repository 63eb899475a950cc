import { type Request, type Response, Router } from 'express'
import { readJsonBody } from '../../http/json-body.js'
import { DomainError } from '../../http/problem.js'
import type { Authorize } from '../auth/authorize.js'
import type { Principal } from '../auth/sign-in.js'
import type { Caller, Route } from './route.js'

export interface MountOptions {
  readonly routes: readonly Route[]
  readonly authenticate: (request: Request) => Promise<Principal>
  readonly authorize: Authorize
}

/** The routes as an Express router. A method that an address does not know is 405, and says which it knows. */
export function mountRoutes({ routes, authenticate, authorize }: MountOptions): Router {
  const router = Router({ strict: false, caseSensitive: true })
  for (const route of routes) {
    router[route.method](route.path, async (request: Request, response: Response) => {
      const caller = callerOf(await authenticate(request), request)
      await authorize(caller, route, tenantOf(request))
      const { params, query } = request
      const body = await readJsonBody(request, { maxBytes: route.maxBodyBytes })
      const answer = await route.run({ caller, params, body, query })
      response.status(route.status)
      if (route.status === 204) response.end()
      else response.json(answer)
    })
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase())
    router.all(path, (request: Request, response: Response) => {
      response.setHeader('allow', methods.join(', '))
      throw new DomainError(
        'method_not_allowed',
        `${request.method} is not possible here, only ${methods.join(', ')}.`,
        {
          status: 405,
        },
      )
    })
  }
  return router
}

function callerOf({ user, actor, limits }: Principal, request: Request): Caller {
  const caller = { userId: user.user_id, actor, ip: request.socket.remoteAddress ?? null }
  return limits === undefined ? caller : { ...caller, limits }
}

function tenantOf(request: Request): string {
  const { tenant_id } = request.params
  return typeof tenant_id === 'string' ? tenant_id : ''
}
