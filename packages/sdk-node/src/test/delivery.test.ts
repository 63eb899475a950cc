import { createServer, type Socket } from 'node:net'
import { waitUntil } from '@esper/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEsper, type Esper, type EsperStatus } from '../index.js'
import { KEYID, SECRET } from './control-plane.js'
import { Harness, keepingLogger, send } from './harness.js'

// Real sockets on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(() => harness.end())

const until = (what: string, ask: () => boolean) => waitUntil(ask, { everyMs: 5, timeoutMs: 20_000, what })
const ok = (esper: Esper) => harness.ok(esper)

function balanced({ delivery }: EsperStatus): boolean {
  const { recorded, accepted, dropped, queued, in_flight: inFlight, uncertain } = delivery
  return (
    recorded === accepted + Object.values(dropped).reduce((sum, each) => sum + each, 0) + queued + inFlight + uncertain
  )
}

describe('delivery', () => {
  it('sends each event once, whatever is retried', async () => {
    let failures = 3
    harness.controlPlane.interfere = (request, response) => {
      if (!request.url?.startsWith('/v1/events') || failures === 0) return false
      failures -= 1
      if (failures === 1) response.socket?.destroy()
      else response.writeHead(503, { 'retry-after': '0' }).end()
      return true
    }
    const esper = await harness.ready({ maxBatchEvents: 10 })
    const url = await ok(esper)
    await Promise.all(Array.from({ length: 25 }, (_, n) => send(`${url}/${n}`)))
    await until('all events', () => esper.status().delivery.accepted === 25)
    const ids = harness.controlPlane.events.map((event) => event.event_id)
    expect(new Set(ids).size).toBe(25)
    expect(ids).toHaveLength(25)
    expect(balanced(esper.status())).toBe(true)
  })

  it('halves a batch that is too large', async () => {
    harness.controlPlane.interfere = (request, response) => {
      const events = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('events') ?? 0)
      if (events <= 3) return false
      request.resume()
      response.writeHead(413).end()
      return true
    }
    const esper = await harness.ready({ maxBatchEvents: 8, maxBatchAgeMs: 200 })
    const url = await ok(esper)
    await Promise.all(Array.from({ length: 8 }, (_, n) => send(`${url}/${n}`)))
    await until('all events', () => esper.status().delivery.accepted === 8)
    expect(harness.controlPlane.events).toHaveLength(8)
  })

  it('latches off when the key is refused, while decisions go on, and says so once', async () => {
    const { logger, lines } = keepingLogger()
    const esper = await harness.ready({ logger })
    harness.controlPlane.interfere = (request, response) => {
      if (!request.url?.startsWith('/v1/events')) return false
      request.resume()
      response.writeHead(401, { 'content-type': 'application/problem+json' }).end('{"code":"bad-signature"}')
      return true
    }
    const url = await ok(esper)
    for (let n = 0; n < 5; n += 1) expect((await send(`${url}/${n}`)).status).toBe(200)
    await until('the latch', () => esper.status().delivery.state === 'refused')
    const calls = harness.controlPlane.calls.filter((call) => call.startsWith('POST /v1/events')).length
    await Promise.all(Array.from({ length: 20 }, (_, n) => send(`${url}/${n}`)))
    expect(harness.controlPlane.calls.filter((call) => call.startsWith('POST /v1/events'))).toHaveLength(calls)
    expect(lines.filter((line) => line.includes('refuses the key'))).toHaveLength(1)
    expect(lines.join()).not.toContain(SECRET)
    expect(balanced(esper.status())).toBe(true)
  })

  it('keeps to its queue, and reports what was lost with the next batch', async () => {
    let down = true
    harness.controlPlane.interfere = (request, response) => {
      if (!down || !request.url?.startsWith('/v1/events')) return false
      request.resume()
      response.writeHead(503, { 'retry-after': '0' }).end()
      return true
    }
    const esper = await harness.ready({ maxQueueEvents: 100, maxBatchEvents: 10 })
    const url = await ok(esper)
    for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 30 }, () => send(url)))
    const { delivery } = esper.status()
    expect(delivery.queued).toBeLessThanOrEqual(100)
    expect(delivery.dropped.queue_full).toBeGreaterThan(0)
    down = false
    await until('the rest', () => esper.status().delivery.queued + esper.status().delivery.in_flight === 0)
    const { accepted, dropped } = esper.status().delivery
    expect(accepted + (dropped.queue_full ?? 0)).toBe(150)
    expect(harness.controlPlane.events).toHaveLength(accepted)
    const losses = [...harness.controlPlane.batches.values()].map(({ header }) => header.loss?.queue_full ?? 0)
    expect(Math.max(...losses)).toBe(dropped.queue_full)
  })

  it('compresses with brotli where asked, and signs the bytes it sends', async () => {
    const encodings: unknown[] = []
    harness.controlPlane.interfere = (request) => {
      if (request.url?.startsWith('/v1/events')) encodings.push(request.headers['content-encoding'])
      return false
    }
    const esper = await harness.ready({ compression: 'br' })
    const url = await ok(esper)
    await Promise.all(Array.from({ length: 20 }, (_, n) => send(`${url}/${n}`)))
    await until('all events', () => esper.status().delivery.accepted === 20)
    expect(new Set(encodings)).toEqual(new Set(['br']))
    expect(harness.controlPlane.events).toHaveLength(20)
  })

  it('drains on close', async () => {
    const esper = await harness.ready({ maxBatchAgeMs: 60_000 })
    const url = await ok(esper)
    for (let n = 0; n < 7; n += 1) await send(`${url}/${n}`)
    expect(harness.controlPlane.events).toHaveLength(0)
    await esper.close({ timeoutMs: 2_000 })
    expect(harness.controlPlane.events).toHaveLength(7)
    expect((await send(url)).status).toBe(200)
    expect(esper.status().delivery).toMatchObject({ recorded: 7, accepted: 7, queued: 0 })
  })

  it('never lets an application wait for a control plane that does not answer', async () => {
    const sockets: Socket[] = []
    const hole = createServer((socket) => void sockets.push(socket))
    await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve))
    const address = hole.address()
    if (typeof address !== 'object' || address === null) throw new Error('The server has no address.')
    const esper = harness.client({ url: `http://127.0.0.1:${address.port}`, timeoutMs: 2_000 })
    const url = await ok(esper)
    const started = performance.now()
    for (let n = 0; n < 50; n += 1) expect((await send(`${url}/${n}`)).status).toBe(200)
    expect(performance.now() - started).toBeLessThan(20_000)
    await until('a timeout', () => esper.status().delivery.state === 'retrying')
    expect(esper.status()).toMatchObject({ counts: { failedOpen: 50, errors: 0 }, delivery: { recorded: 50 } })
    await esper.close({ timeoutMs: 50 })
    expect(esper.status().delivery.uncertain).toBeGreaterThan(0)
    expect(balanced(esper.status())).toBe(true)
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => hole.close(resolve))
  })
})

describe('configuration', () => {
  const rest = { url: 'http://127.0.0.1:1', keyId: KEYID, secret: SECRET }

  it.each([
    [{ keyId: KEYID, secret: SECRET }, 'missing_option', /"url" \(or ESPER_URL\)/],
    [{ ...rest, url: 'http://host/path' }, 'invalid_option', /"url" must be an http or https origin without a path/],
    [{ ...rest, url: 'ftp://host' }, 'invalid_option', /"url"/],
    [{ ...rest, url: 'http://user:pass@host' }, 'invalid_option', /"url"/],
    [{ ...rest, secret: 'short' }, 'invalid_option', /"secret" must be .* at least 32 characters/],
    [{ ...rest, keyId: 'a b' }, 'invalid_option', /"keyId"/],
    [{ ...rest, maxBatchEvents: 501 }, 'invalid_option', /"maxBatchEvents" must be a whole number from 1 to 500/],
    [{ ...rest, trustProxy: ['10.0.0.0/40'] }, 'invalid_option', /"trustProxy" must be a number of proxies/],
    [{ ...rest, trustProxy: -1 }, 'invalid_option', /"trustProxy"/],
    [{ ...rest, logger: Object('console') }, 'invalid_option', /"logger"/],
    [{ ...rest, ulr: 'x' }, 'invalid_option', /There is no option "ulr"/],
  ])('is refused at construction: %j', (options, code, message) => {
    const create = () => createEsper(options)
    expect(create).toThrow(message)
    expect(create).toThrow(expect.objectContaining({ name: 'EsperError', code }))
    expect(create).not.toThrow(/short|pass@/)
  })

  it('takes Esper out without a code change', async () => {
    const esper = createEsper({ disabled: true })
    const url = await ok(esper)
    expect((await send(`${url}/x`)).status).toBe(200)
    expect(esper.status()).toMatchObject({ mode: 'disabled', bundle: { state: 'disabled' }, delivery: { recorded: 0 } })
    await esper.close()
    expect(harness.controlPlane.calls).toEqual([])
  })
})
