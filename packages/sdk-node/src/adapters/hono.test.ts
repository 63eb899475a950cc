import { Hono } from 'hono'
import type { RequestEsper } from '../index.js'
import { describeAdapter, inProcess } from './testing/adapter-suite.js'
import { answer } from './testing/application.js'
import { serveFetch } from './testing/listen.js'

describeAdapter({
  name: 'Hono behind Esper',
  traits: { seesWire: false },
  start: (options) =>
    inProcess(options, (esper) => {
      const app = new Hono<{ Bindings: { peer: string | undefined }; Variables: { esper: RequestEsper } }>()
      app.use(async (c, next) => {
        const respond = async (own: RequestEsper) => {
          c.set('esper', own)
          await next()
          return c.res
        }
        c.res = await esper.respond(c.req.raw, respond, { peer: c.env.peer })
      })
      app.all('*', async (c) => {
        const { method, raw } = c.req
        const url = raw.url.slice(raw.url.indexOf('/', 8))
        const said = await answer({ method, url, esper: c.get('esper'), readBody: () => raw.text() })
        return new Response(said?.body ?? null, { status: said?.status ?? 204 })
      })
      return serveFetch(async (request, peer) => app.fetch(request, { peer }))
    }),
})
