import { describeAdapter, inProcess } from './testing/adapter-suite.js'
import { answer } from './testing/application.js'
import { serve, textOf } from './testing/listen.js'

describeAdapter({
  name: 'node:http behind Esper',
  start: (options) =>
    inProcess(options, (esper) =>
      serve((message, response) =>
        esper.handle(message, response, async (own) => {
          const { method = '', url = '' } = message
          try {
            const said = await answer({ method, url, esper: own, readBody: () => textOf(message) })
            if (said !== undefined) response.writeHead(said.status).end(said.body)
          } catch {
            response.writeHead(500).end()
          }
        }),
      ),
    ),
})
