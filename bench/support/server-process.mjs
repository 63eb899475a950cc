import { createServer } from 'node:http'
import { createEsper } from '@esper/sdk'
import { expressRateLimit, rateLimiterFlexible } from './limiters.mjs'

/** What stands in front of the application, by name. */
const FRONTS = {
  bare: () => (_request, _response, next) => next(),
  decide: (bundle) => handlerOf({ bundle }),
  events: (bundle, url) => handlerOf({ bundle, url, keyId: 'key_bench.1', secret: 's'.repeat(43), snapshotDir: 'off' }),
  limiter: () => {
    const limit = expressRateLimit()
    return (request, response, next) => {
      request.ip = request.socket.remoteAddress
      request.app = { get: () => false }
      limit(request, response, next)
    }
  },
  flexible: () => rateLimiterFlexible(),
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

function handlerOf(options) {
  const esper = createEsper({ ...options, logger: quiet })
  return (request, response, next) => esper.handle(request, response, next)
}

const [, , name, ...given] = process.argv
const front = FRONTS[name](...given)
const server = createServer((request, response) => {
  front(request, response, () => {
    response.setHeader('content-type', 'text/plain')
    response.end('ok')
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', () => process.send(process.cpuUsage()))
process.on('disconnect', () => process.exit(0))
