import type { Express, Response } from 'express'
import type { Runtime } from '../runtime/module.js'

/** `/healthz`: the process answers. `/readyz`: it has started, is not stopping, and what it needs works. */
export function healthRoutes(app: Express, runtime: Pick<Runtime, 'health' | 'role'>): void {
  app.get('/healthz', (_request, response) => {
    sendUncached(response, 200, { status: 'ok', service: runtime.role })
  })
  app.get('/readyz', async (_request, response) => {
    const report = await runtime.health.readiness()
    sendUncached(response, report.status === 'ready' ? 200 : 503, { ...report, service: runtime.role })
  })
}

/** `/metrics` in the text format of Prometheus. */
export function metricsRoutes(app: Express, runtime: Pick<Runtime, 'metrics'>): void {
  app.get('/metrics', async (_request, response) => {
    const text = await runtime.metrics.metrics()
    response.setHeader('content-type', runtime.metrics.contentType)
    response.end(text)
  })
}

function sendUncached(response: Response, status: number, body: unknown): void {
  response.setHeader('cache-control', 'no-store')
  response.status(status).json(body)
}
