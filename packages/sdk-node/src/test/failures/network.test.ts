import { createServer as createTlsServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { freePort } from '@esper/testkit'
import { afterAll, afterEach, describe, it, vi } from 'vitest'
import type { EsperStatus } from '../../index.js'
import { liveThrough, printComparisons } from './scenario.js'
import { selfSigned } from './self-signed.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 30_000 })
afterAll(printComparisons)

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function serve(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => void sockets.add(socket.on('error', () => undefined)))
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const neverLoaded = ({ bundle, delivery, counts }: EsperStatus) =>
  bundle.state === 'never_loaded' && delivery.state === 'retrying' && counts.failedOpen > 0
const stillDecides = ({ bundle, delivery, sync }: EsperStatus) =>
  bundle.revision === 1 && delivery.state === 'retrying' && sync.mode === 'polling'

describe('an application lives through a control plane that', () => {
  it('refuses connections from the start', () =>
    liveThrough({
      name: 'refused from the start',
      when: 'before_start',
      breaks: (harness) => harness.controlPlane.stop(),
      names: /cannot be followed.*ECONNREFUSED/,
      counted: neverLoaded,
      mends: (harness) => harness.controlPlane.start(),
    }))

  it('goes away', () =>
    liveThrough({
      name: 'goes away',
      when: 'when_ready',
      breaks: (harness) => harness.controlPlane.stop(),
      names: /cannot be followed/,
      counted: stillDecides,
      mends: (harness) => harness.controlPlane.start(),
    }))

  it('takes connections and never says a word', () =>
    liveThrough({
      name: 'black hole',
      when: 'when_ready',
      breaks: (harness) => {
        harness.controlPlane.cutStreams()
        harness.controlPlane.interfere = () => true
      },
      names: /cannot be followed/,
      counted: stillDecides,
      mends: (harness) => {
        harness.controlPlane.interfere = () => false
      },
    }))

  it('cuts its stream again and again', () =>
    liveThrough({
      name: 'stream cut again and again',
      when: 'when_ready',
      breaks: (harness) => {
        const cutting = setInterval(() => harness.controlPlane.cutStreams(), 20)
        ends.push(() => clearInterval(cutting))
      },
      names: /stream breaks/,
      counted: ({ sync }) => sync.mode === 'polling',
      mends: () => {
        for (const end of ends.splice(0)) end()
      },
    }))

  it('has a certificate that nobody vouches for', async () => {
    const port = await serve(createTlsServer(selfSigned()))
    await liveThrough({
      name: 'TLS: self-signed',
      when: 'before_start',
      breaks: () => undefined,
      options: { url: `https://127.0.0.1:${port}` },
      names: /cannot be followed.*DEPTH_ZERO_SELF_SIGNED_CERT/,
      counted: neverLoaded,
    })
  })

  it('does not speak TLS', async () => {
    const port = await serve(createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    await liveThrough({
      name: 'TLS: not spoken',
      when: 'before_start',
      breaks: () => undefined,
      options: { url: `https://127.0.0.1:${port}` },
      names: /cannot be followed.*(?:SSL|EPROTO|ECONNRESET|UND_ERR)/,
      counted: neverLoaded,
    })
  })

  it('has a name that DNS does not know', async () => {
    const port = await freePort()
    await liveThrough({
      name: 'DNS fails',
      when: 'before_start',
      breaks: () => undefined,
      options: { url: `http://control-plane.invalid:${port}` },
      names: /cannot be followed.*(?:ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)/,
      counted: neverLoaded,
    })
  })
})
