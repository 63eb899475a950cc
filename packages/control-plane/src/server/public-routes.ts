import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Express, NextFunction, Request, Response } from 'express'
import helmet from 'helmet'
import { createApp } from '../http/app.js'
import type { Runtime } from '../runtime/module.js'
import { createAuthenticate } from './auth/authenticate.js'
import type { Authorize } from './auth/authorize.js'
import { sessionRoutes } from './auth/session-routes.js'
import type { SignIn } from './auth/sign-in.js'
import { consoleRoutes } from './console/routes.js'
import { openApiDocument } from './openapi/document.js'
import { mountRoutes } from './routing/mount-routes.js'
import type { Route } from './routing/route.js'
import type { SdkApi } from './sdk-api-contract.js'

export interface ServerAppOptions {
  readonly runtime: Pick<Runtime, 'logger' | 'metrics'>
  readonly routes: readonly Route[]
  readonly signIn: SignIn
  readonly authorize: Authorize
  readonly publicOrigins: readonly string[]
  readonly consoleFolder: string | undefined
  readonly sdkApi: SdkApi
}

/** What listens on the public port: SDK API, operator API, sign-in, console. */
export function createServerHandler(options: ServerAppOptions): RequestListener {
  const { runtime, sdkApi } = options
  const app = createApp({ runtime, name: 'server', routes: (routes) => operatorRoutes(routes, options) })
  return (request: IncomingMessage, response: ServerResponse) => {
    // Signed requests are answered from their bytes: nothing may touch them on the way.
    if (!sdkApi.handle(request, response)) app(request, response)
  }
}

function operatorRoutes(app: Express, options: ServerAppOptions): void {
  const { routes, signIn, authorize, publicOrigins } = options
  app.use(securityHeaders(publicOrigins))
  app.use(['/api', '/auth'], (_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('cache-control', 'no-store')
    next()
  })
  sessionRoutes(app, { signIn, publicOrigins })
  const document = openApiDocument(routes)
  app.get('/api/v1/openapi.json', (_request: Request, response: Response) => {
    response.json(document)
  })
  const authenticate = createAuthenticate({ signIn, publicOrigins })
  app.use('/api/v1', mountRoutes({ routes, authenticate, authorize }))
  consoleRoutes(app, options.consoleFolder)
}

function securityHeaders(publicOrigins: readonly string[]) {
  const overTls = publicOrigins[0]?.startsWith('https://') === true
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: overTls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  })
}
