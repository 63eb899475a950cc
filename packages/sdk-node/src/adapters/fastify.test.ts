import fastify from 'fastify'
import type { RequestEsper } from '../index.js'
import { describeAdapter, inProcess } from './testing/adapter-suite.js'
import { answer, noteReached } from './testing/application.js'

declare module 'fastify' {
  interface FastifyRequest {
    esper: RequestEsper
  }
}

describeAdapter({
  name: 'Fastify behind Esper',
  start: (options) =>
    inProcess(options, async (esper) => {
      const app = fastify({ http: { maxHeaderSize: 262_144 }, bodyLimit: 1_048_576, forceCloseConnections: true })
      app.addHook('onRequest', (request, reply, done) => {
        esper.handle(request.raw, reply.raw, (own) => {
          request.esper = own
          if (request.url === '/pieces') noteReached()
          done()
        })
      })
      app.removeAllContentTypeParsers()
      app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
      app.all('*', async (request, reply) => {
        const { method, url, esper: own } = request
        const said = await answer({ method, url, esper: own, readBody: async () => String(request.body ?? '') })
        return said === undefined ? reply.hijack() : reply.code(said.status).send(said.body)
      })
      return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
    }),
})
