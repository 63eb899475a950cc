import express from 'express'
import express4 from 'express4'
import { describeAdapter, inProcess } from './adapters/testing/adapter-suite.js'
import { answer } from './adapters/testing/application.js'
import { serve, textOf } from './adapters/testing/listen.js'
import { esperExpress } from './express.js'

for (const [name, framework] of [
  ['Express 5', express],
  ['Express 4', express4],
] as const) {
  describeAdapter({
    name: `${name} behind Esper`,
    start: (options) =>
      inProcess(options, (esper) => {
        const app = framework()
        app.use(esperExpress(esper))
        app.use((request, response, next) => {
          const { method, originalUrl: url, esper: own } = request
          if (own === undefined) throw new Error('There is no req.esper.')
          answer({ method, url, esper: own, readBody: () => textOf(request) }).then((said) => {
            if (said !== undefined) response.status(said.status).send(said.body)
          }, next)
        })
        return serve(app)
      }),
  })

  describeAdapter({
    name: `${name} with body parsers in front of Esper`,
    traits: { readsBodies: false, callsBeforeBodyEnds: false },
    start: (options) =>
      inProcess(options, (esper) => {
        const app = framework()
        const bodies = new WeakMap<object, string>()
        const verify = (request: object, _response: object, bytes: Buffer) =>
          void bodies.set(request, bytes.toString('utf8'))
        app.use(framework.json({ verify, strict: false, limit: '1mb' }))
        app.use(framework.urlencoded({ verify, extended: true }))
        app.use(esperExpress(esper))
        app.use((request, response, next) => {
          const { method, originalUrl: url, esper: own } = request
          if (own === undefined) throw new Error('There is no req.esper.')
          const readBody = async () => bodies.get(request) ?? (await textOf(request))
          answer({ method, url, esper: own, readBody }).then((said) => {
            if (said !== undefined) response.status(said.status).send(said.body)
          }, next)
        })
        const failed: express.ErrorRequestHandler = (_error, request, response, _next) => {
          // What the parser refused is none of Esper's business: the case wants to see what was sent.
          const decision = request.esper?.decision ?? { outcome: 'pass' }
          response.status(request.esper === undefined ? 400 : 500).json({ decision })
        }
        app.use(failed)
        return serve(app)
      }),
  })
}
