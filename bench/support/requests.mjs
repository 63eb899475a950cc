import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { seen } from './seen.mjs'

const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1',
  'curl/8.5.0',
]
const TARGETS = ['/login', '/assets/app.js', '/v2/items/77', '/search?q=shoes&page=2', '/page/7', '/account/orders']

/** How many clients there are, each with an address of its own. */
const CLIENTS = 512

function headersOf(index) {
  return [
    ['Host', 'shop.example.com'],
    ['Connection', 'keep-alive'],
    ['User-Agent', AGENTS[index % AGENTS.length]],
    ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
    ['Accept-Language', 'en-GB,en;q=0.9,fr;q=0.7'],
    ['Accept-Encoding', 'gzip, deflate, br, zstd'],
    ['Referer', 'https://shop.example.com/search?q=shoes'],
    ['Sec-Fetch-Mode', 'navigate'],
    ['Sec-Fetch-Site', 'same-origin'],
    ['Cookie', `session=${'0123456789abcdef'.repeat(2)}${index}; theme=dark`],
  ]
}

/** The text of a request as a client sends it. */
export function requestText(index) {
  const method = index % 4 === 1 ? 'POST' : 'GET'
  const lines = headersOf(index).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = method === 'POST' ? 'Content-Length: 0\r\n' : ''
  return `${method} ${TARGETS[index % TARGETS.length]} HTTP/1.1\r\n${lines.join('')}${length}\r\n`
}

function exchange(index) {
  const socket = new Socket()
  const address = `203.0.${index >> 8}.${index & 255}`
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  const request = new IncomingMessage(socket)
  request.method = index % 4 === 1 ? 'POST' : 'GET'
  request.url = TARGETS[index % TARGETS.length]
  for (const [name, value] of headersOf(index)) {
    request.rawHeaders.push(name, value)
    request.headers[name.toLowerCase()] = value
  }
  // As Express gives them, so that the limiters have what they read.
  request.ip = address
  request.app = { get: () => false }
  return { request, response: new ServerResponse(request) }
}

/** Requests of node:http as browsers send them, with their responses, taken in turn. */
const EXCHANGES = Array.from({ length: CLIENTS }, (_, index) => exchange(index))

/** The nth exchange. */
export const exchangeAt = (index) => EXCHANGES[index % CLIENTS]

const next = () => {
  seen.count += 1
}

/** A side of a measurement: the middleware in front of one exchange after another, each over when it has passed. */
export function through(middleware) {
  let at = 0
  return async (times) => {
    for (let index = 0; index < times; index++) {
      const { request, response } = exchangeAt(at++)
      const running = middleware(request, response, next)
      if (running !== undefined) await running
      response.emit('close')
      // A response is used once; these come again, so who waited for this end goes.
      if (response.listenerCount('close') > 0) response.removeAllListeners('close')
      // What middleware left at the request goes with it.
      request.esper = undefined
      request.rateLimit = undefined
    }
  }
}
