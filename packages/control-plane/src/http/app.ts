import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import type { Runtime } from '../runtime/module.js'
import { asDomainError, DomainError } from './problem.js'
import { currentRequest, requestContext } from './request-context.js'
import { sendProblem } from './send-problem.js'

export interface AppOptions {
  readonly runtime: Pick<Runtime, 'logger' | 'metrics'>
  /** Names the listener in logs and metrics. */
  readonly name: string
  /** Adds the routes. What none of them answers is 404, what they throw becomes a problem. */
  readonly routes: (app: Express) => void
}

/** An Express application with a request context in front and problems behind. */
export function createApp({ runtime, name, routes }: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', false)
  app.set('query parser', 'simple')
  app.use(requestContext(runtime, name))
  routes(app)
  app.use((request: Request) => {
    throw new DomainError('route_not_found', `Nothing answers ${request.method} ${request.path}.`)
  })
  app.use((thrown: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const error = asDomainError(thrown)
    const logger = currentRequest()?.logger ?? runtime.logger
    if (error.kind === 'internal') logger.error({ err: error.cause }, 'request failed')
    sendProblem(response, error)
  })
  return app
}
