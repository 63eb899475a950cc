import { request } from 'node:http'
import { connect } from 'node:net'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createHealth } from '../observability/health.js'
import { createLogger } from '../observability/logger.js'
import { createApp } from './app.js'
import { healthRoutes, metricsRoutes } from './health-routes.js'
import { jsonBody } from './json-body.js'
import { createListener } from './listener.js'
import { DomainError } from './problem.js'
import { readRawBody } from './raw-body.js'
import { requireServiceToken } from './service-token.js'
import { validate } from './validation.js'

const TOKEN = 'a-service-token-of-the-tests-0123456789'
const lines: string[] = []
const health = createHealth()
const runtime = {
  logger: createLogger({ level: 'info', service: 'test', stream: { write: (line) => void lines.push(line) } }),
  metrics: new Registry(),
  health,
  role: 'server' as const,
}
const schema = z.strictObject({ name: z.string().min(1), window: z.strictObject({ seconds: z.int() }).optional() })
let release: (() => void) | undefined

const app = createApp({
  runtime,
  name: 'test',
  routes: (routes) => {
    healthRoutes(routes, runtime)
    metricsRoutes(routes, runtime)
    routes.post('/raw', async (incoming, response) => {
      response.json({ bytes: (await readRawBody(incoming, { maxBytes: 1_000 })).length })
    })
    routes.get('/slow', async (_incoming, response) => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
      response.json({ done: true })
    })
    routes.get('/broken', () => {
      throw new TypeError('the insides')
    })
    routes.get('/busy', () => {
      throw new DomainError('unavailable', 'Later.', { retryAfterSeconds: 2.1 })
    })
    routes.get('/internal', requireServiceToken(TOKEN), (_incoming, response) => void response.json({ in: true }))
    routes.post('/things', jsonBody({ maxBytes: 2_000 }), (incoming, response) => {
      response.status(201).json(validate(schema, incoming.body))
    })
  },
})
const listener = createListener({
  name: 'test',
  runtime,
  host: '127.0.0.1',
  port: 0,
  portOption: 'serverPort',
  handler: app,
})
let url = ''

beforeAll(async () => {
  await listener.start()
  url = `http://127.0.0.1:${listener.port()}`
})
afterAll(() => listener.stop(AbortSignal.timeout(1_000)))

const answerShape = z.looseObject({
  code: z.string().optional(),
  status: z.union([z.number(), z.string()]).optional(),
  errors: z.array(z.looseObject({ path: z.string(), code: z.string() })).optional(),
})

async function readAnswer(response: Response) {
  return answerShape.parse(await response.json())
}

function post(path: string, body: string, contentType = 'application/json') {
  return fetch(url + path, { method: 'POST', body, headers: { 'content-type': contentType } })
}

describe('problems', () => {
  test('an unknown address is 404 with the request id of the caller', async () => {
    const response = await fetch(`${url}/nowhere`, { headers: { 'x-request-id': 'caller-0001' } })
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('x-request-id')).toBe('caller-0001')
    expect(await response.json()).toEqual({
      type: 'https://esper.dev/problems/route_not_found',
      title: 'There is no such address.',
      status: 404,
      detail: 'Nothing answers GET /nowhere.',
      code: 'route_not_found',
    })
  })

  test('a failure of ours says nothing of its insides and is logged with them', async () => {
    const response = await fetch(`${url}/broken`)
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).not.toContain('insides')
    const id = response.headers.get('x-request-id')
    expect(lines.some((line) => line.includes('the insides') && line.includes(String(id)))).toBe(true)
  })

  test('an ill-formed request id is not taken over', async () => {
    const response = await fetch(`${url}/nowhere`, { headers: { 'x-request-id': 'a b<script>' } })
    expect(response.headers.get('x-request-id')).toMatch(/^req_/)
  })

  test('Retry-After is whole seconds, rounded up', async () => {
    expect((await fetch(`${url}/busy`)).headers.get('retry-after')).toBe('3')
  })
})

describe('bodies', () => {
  test('what is not valid is named field by field', async () => {
    const response = await post(
      '/things',
      JSON.stringify({ name: '', window: { seconds: 1.5, minutes: 1 }, $where: '1' }),
    )
    expect(response.status).toBe(422)
    const { code, errors } = await readAnswer(response)
    expect(code).toBe('validation_failed')
    expect(errors?.map((error) => [error.path, error.code])).toEqual([
      ['name', 'too_small'],
      ['window.seconds', 'invalid_type'],
      ['window.minutes', 'unknown_field'],
      ['$where', 'unknown_field'],
    ])
    expect((await readAnswer(await post('/things', '{}'))).errors).toMatchObject([{ path: 'name', code: 'required' }])
  })

  test.each([
    ['text/plain', '{"name":"x"}', 415, 'unsupported_media_type'],
    ['application/json', '{"name":', 400, 'malformed_json'],
    ['application/json', '[]'.repeat(2), 400, 'malformed_json'],
    ['application/json', `${'['.repeat(800)}${']'.repeat(800)}`, 400, 'malformed_json'],
    ['application/json', JSON.stringify({ name: 'x'.repeat(3_000) }), 413, 'body_too_large'],
  ])('%s %.12j is refused', async (contentType, body, status, code) => {
    const response = await post('/things', body, contentType)
    expect([response.status, (await readAnswer(response)).code]).toEqual([status, code])
  })

  test('a chunked body is cut at the cap, whatever comes behind', async () => {
    expect(await chunked([900])).toMatchObject({ status: 200, body: '{"bytes":900}' })
    expect(await chunked([900, 101])).toMatchObject({ status: 413 })
    expect(await chunked(Array.from({ length: 200 }, () => 50_000))).toMatchObject({ status: 413 })
  })
})

describe('the service token', () => {
  test.each([[undefined], ['Bearer'], ['Bearer x'], [`Bearer ${TOKEN}x`], [`Basic ${TOKEN}`], [`bearer ${TOKEN}`]])(
    '%j is refused',
    async (authorization) => {
      const response = await fetch(`${url}/internal`, authorization === undefined ? {} : { headers: { authorization } })
      expect([response.status, (await readAnswer(response)).code]).toEqual([401, 'service_token_invalid'])
    },
  )

  test('the right one gets in', async () => {
    const response = await fetch(`${url}/internal`, { headers: { authorization: `Bearer ${TOKEN}` } })
    expect(await response.json()).toEqual({ in: true })
  })
})

test('readiness follows the phase and the dependencies', async () => {
  const ready = async () => {
    const response = await fetch(`${url}/readyz`)
    return [response.status, (await readAnswer(response)).status]
  }
  expect(await ready()).toEqual([503, 'starting'])
  health.setPhase('ready')
  expect(await ready()).toEqual([200, 'ready'])
  let broken = true
  health.add('store', () => {
    if (broken) throw new Error('mongodb://u:hunter22@h does not answer')
    return 'fine'
  })
  const response = await fetch(`${url}/readyz`)
  const text = await response.text()
  expect([response.status, text.includes('hunter22')]).toEqual([503, false])
  broken = false
  expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({
    checks: { store: { status: 'ok', detail: 'fine' } },
  })
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

test('metrics name routes, not paths', async () => {
  await fetch(`${url}/nowhere/4711`)
  await fetch(`${url}/busy`)
  const text = await (await fetch(`${url}/metrics`)).text()
  expect(text).toContain('route="/busy",status="503"')
  expect(text).not.toContain('4711')
})

describe('a listener', () => {
  test('names the port and the option when the port is taken', async () => {
    const second = createListener({
      name: 'second',
      runtime,
      host: '127.0.0.1',
      port: listener.port(),
      portOption: 'healthPort',
      handler: app,
    })
    await expect(second.start()).rejects.toThrow(
      `Port ${listener.port()} on 127.0.0.1 (second) is taken. Choose another one with --health-port or ESPER_HEALTH_PORT.`,
    )
  })

  test('finishes what is under way when it stops, and cuts what never ends', async () => {
    const own = createListener({
      name: 'own',
      runtime,
      host: '127.0.0.1',
      port: 0,
      portOption: 'serverPort',
      handler: app,
    })
    await own.start()
    const place = `http://127.0.0.1:${own.port()}`
    const slow = fetch(`${place}/slow`)
    const idle = connect(own.port(), '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    await expect.poll(() => release).toBeDefined()
    const stopped = own.stop(AbortSignal.timeout(1_500))
    await expect(fetch(`${place}/healthz`)).rejects.toThrow()
    release?.()
    expect(await (await slow).json()).toEqual({ done: true })
    await stopped
    await ended(idle)
    expect(idle.destroyed).toBe(true)
  })
})

function ended(socket: ReturnType<typeof connect>): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve()
    socket.once('close', () => resolve())
    socket.resume()
  })
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** Sends pieces of these sizes without saying how many there will be. */
function chunked(sizes: readonly number[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/raw`, { method: 'POST' }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    // Once refused, the connection goes; an answer that came before counts.
    outgoing.on('error', reject)
    for (const size of sizes) outgoing.write(Buffer.alloc(size))
    outgoing.end()
  })
}
