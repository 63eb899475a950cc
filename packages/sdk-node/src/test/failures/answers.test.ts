import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, describe, it, vi } from 'vitest'
import type { EsperStatus } from '../../index.js'
import type { Harness } from '../harness.js'
import { liveThrough, printComparisons } from './scenario.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 30_000 })
afterAll(printComparisons)

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** The control plane answers everything so. */
const answering = (answer: Answer) => (harness: Harness) => {
  harness.controlPlane.cutStreams()
  harness.controlPlane.interfere = (request, response) => {
    request.resume()
    answer(request, response)
    return true
  }
}
const mends = (harness: Harness) => {
  harness.controlPlane.interfere = () => false
}
const retries = ({ delivery, sync }: EsperStatus) => delivery.state === 'retrying' && sync.mode === 'polling'
const CANNOT_FOLLOW = /cannot be followed/

const ANSWERS: readonly (readonly [name: string, answer: Answer, names: RegExp])[] = [
  ['answers 30 s late', (_request, response) => void setTimeout(() => response.end(), 30_000).unref(), CANNOT_FOLLOW],
  ['answers 500', (_request, response) => void response.writeHead(500).end('oh no'), CANNOT_FOLLOW],
  ['answers 503', (_request, response) => void response.writeHead(503, { 'retry-after': '1' }).end(), CANNOT_FOLLOW],
  ['answers garbage', (request) => void request.socket.end('\u0000\u0001 what is HTTP?\r\n\r\n'), CANNOT_FOLLOW],
  [
    'answers with a truncated body',
    (request) => void request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"format":1,'),
    CANNOT_FOLLOW,
  ],
  [
    'redirects elsewhere',
    (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere' }).end(),
    CANNOT_FOLLOW,
  ],
  ['answers without an end', (_request, response) => endless(response), CANNOT_FOLLOW],
]

function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536, 'x')
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  }
  response.writeHead(200)
  response.on('drain', more)
  more()
}

describe('an application lives through a control plane that', () => {
  it.each(ANSWERS)('%s', (name, answer, names) =>
    liveThrough({ name, breaks: answering(answer), when: 'when_ready', names, counted: retries, mends }),
  )

  it('answers 200 to everything, with a page of HTML', () =>
    liveThrough({
      name: 'answers with HTML',
      breaks: answering((_request, response) => void response.writeHead(200).end('<!doctype html>')),
      when: 'before_start',
      names: /bundle was refused/,
      counted: ({ bundle }) => bundle.refused > 0 && bundle.state === 'never_loaded',
      mends,
    }))

  it('refuses the key', () =>
    liveThrough({
      name: 'refuses the key',
      breaks: answering((_request, response) => void response.writeHead(401).end('{"code":"signature_invalid"}')),
      when: 'when_ready',
      names: /refuses the key/,
      counted: ({ delivery }) => delivery.state === 'refused',
      mends,
    }))
})
