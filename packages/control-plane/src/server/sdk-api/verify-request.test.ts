import { createHash, createSecretKey } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { gzipSync } from 'node:zlib'
import { KEY_PURPOSES } from '@esper/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asDomainError } from '../../http/problem.js'
import type { LiveApiKey } from '../sdk-api-contract.js'
import { authoritiesOf, candidates } from './authorities.js'
import { sendSdkProblem } from './sdk-problem.js'
import { type OnWire, type Outgoing, sendRaw, signed } from './testing/signed-client.js'
import { verifyRequest } from './verify-request.js'

const secret = (text: string) => createSecretKey(createHash('sha256').update(text).digest())
const purposes = Object.keys(KEY_PURPOSES)
const keys = { ingestSigning: secret('1'), bundleSigning: secret('2'), bundleSeal: secret('3'), streamMac: secret('4') }
const live: LiveApiKey = {
  api_key_id: 'key_abc',
  version: 1,
  key_id: 'key_abc.1',
  tenant_id: 'ten_1',
  source_id: 'shop',
  trust_level: 'External',
  counting_scope: 'source:shop',
  retention_seconds: 3_600,
  keys: { ...keys, fingerprint: secret('5') },
}
const signer = { keyId: 'key_abc.1', key: keys.ingestSigning }
const NOW = Date.now()

let server: Server
let url = ''
const used = new Set<string>()

beforeAll(async () => {
  server = createServer((request, response) => {
    const options = {
      apiKeys: {
        lookup: async (id: string, version: number) => (id === 'key_abc' && version === 1 ? live : undefined),
      },
      nonces: {
        take: async (name: string) => {
          const isFirst = !used.has(name)
          used.add(name)
          return isFirst
        },
      },
      authorities: [new URL(url).host, 'public.example'],
      now: () => NOW,
    }
    verifyRequest(options, request, { maxBytes: 1_048_576 })
      .then(({ key, body }) => response.end(`${key.source_id} ${body.length}`))
      .catch((error: unknown) => sendSdkProblem(response, asDomainError(error), NOW))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address === 'object' && address !== null) url = `http://127.0.0.1:${address.port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const BODY = '{"format":1}\n{"event_id":"e1"}\n'
const batch: Outgoing = { path: '/v1/events?batch_id=b&events=1', body: BODY, params: { created: seconds(0) } }

function seconds(offset: number): number {
  return Math.floor(NOW / 1_000) + offset
}

async function codeOf(wire: OnWire): Promise<string> {
  const answer = await sendRaw(url, wire)
  if (answer.status === 200) return 'ok'
  expect(answer.headers['content-type']).toBe('application/problem+json')
  const problem = answer.json()
  return typeof problem === 'object' && problem !== null && 'code' in problem
    ? `${answer.status} ${String(problem.code)}`
    : 'none'
}

/** The batch, changed on its way. */
function tampered(change: (wire: OnWire) => Partial<OnWire>): OnWire {
  const wire = signed(url, signer, batch)
  return { ...wire, ...change(wire) }
}

function withHeader(name: string, edit: (value: string) => string | readonly string[]): OnWire {
  return tampered(({ headers }) => ({ headers: { ...headers, [name]: edit(String(headers[name])) } }))
}

describe('the verifier accepts', () => {
  test('a signed batch, a signed compressed batch and a signed pull', async () => {
    expect(purposes).toContain('ingestSigning')
    expect(await codeOf(signed(url, signer, batch))).toBe('ok')
    const gzip = { ...batch, body: gzipSync(BODY), contentEncoding: 'gzip' }
    expect(await codeOf(signed(url, signer, gzip))).toBe('ok')
    expect(await codeOf(signed(url, signer, { path: '/v1/bundle' }))).toBe('ok')
  })

  test('one signed for another public name, behind a proxy that rewrites the host', async () => {
    expect(await codeOf(signed(url, signer, { ...batch, authority: 'public.example' }))).toBe('401 signature_invalid')
    const wire = signed(url, signer, { ...batch, authority: 'public.example' })
    const rewritten = { ...wire, headers: { ...wire.headers, host: 'internal:1234' } }
    expect(await codeOf(rewritten)).toBe('ok')
    expect(authoritiesOf(['https://Esper.example', 'http://localhost:8080'])).toEqual([
      'esper.example',
      'localhost:8080',
    ])
    expect(candidates('LOCALHOST:8080', ['a', 'localhost:8080'])).toEqual(['localhost:8080'])
  })

  test('the edges of the window', async () => {
    expect(await codeOf(signed(url, signer, { ...batch, params: { created: seconds(-300) } }))).toBe('ok')
    expect(await codeOf(signed(url, signer, { ...batch, params: { created: seconds(60) } }))).toBe('ok')
  })
})

describe('the verifier refuses', () => {
  const otherBody = Buffer.from(BODY.replace('e1', 'e2'))
  const digest = createHash('sha256').update(otherBody).digest('base64')

  test.each<[string, () => OnWire, string]>([
    ['a flipped body byte', () => tampered(() => ({ body: otherBody })), '401 signature_invalid'],
    [
      'a body and its digest both replaced',
      () =>
        tampered(({ headers }) => ({
          body: otherBody,
          headers: { ...headers, 'content-digest': `sha-256=:${digest}:` },
        })),
      '401 signature_invalid',
    ],
    ['another path', () => tampered(() => ({ path: '/v1/other?batch_id=b&events=1' })), '401 signature_invalid'],
    ['another query', () => tampered(() => ({ path: '/v1/events?batch_id=c&events=1' })), '401 signature_invalid'],
    ['another method', () => tampered(() => ({ method: 'PUT' })), '401 signature_invalid'],
    ['another host', () => withHeader('host', () => 'public.example'), '401 signature_invalid'],
    [
      'another content-encoding',
      () => tampered(({ headers }) => ({ headers: { ...headers, 'content-encoding': 'gzip' } })),
      '401 signature_invalid',
    ],
    ['another content-type', () => withHeader('content-type', () => 'text/plain'), '401 signature_invalid'],
    [
      'another key id',
      () => withHeader('signature-input', (value) => value.replace('key_abc.1', 'key_abd.1')),
      '401 signature_invalid',
    ],
    [
      'coverage cut to the method',
      () => withHeader('signature-input', (value) => value.replace(/\(.*?\)/, '("@method")')),
      '401 signature_invalid',
    ],
    [
      'no algorithm',
      () => withHeader('signature-input', (value) => value.replace('hmac-sha256', 'none')),
      '400 signature_malformed',
    ],
    [
      'another profile',
      () => withHeader('signature-input', (value) => value.replace('esper-ingest-v1', 'esper-bundle-v1')),
      '401 signature_invalid',
    ],
    ['two labels', () => withHeader('signature-input', (value) => `${value}, b=()`), '400 signature_malformed'],
    [
      'created in milliseconds',
      () => withHeader('signature-input', (value) => value.replace(/created=\d+/, `created=${NOW}`)),
      '400 signature_malformed',
    ],
    ['the header twice', () => withHeader('signature-input', (value) => [value, value]), '400 signature_malformed'],
    [
      'a quote in the nonce',
      () => withHeader('signature-input', (value) => value.replace('nonce="', 'nonce="a";x="')),
      '400 signature_malformed',
    ],
    ['an old signature', () => signed(url, signer, { ...batch, params: { created: seconds(-301) } }), '401 clock_skew'],
    ['one of the future', () => signed(url, signer, { ...batch, params: { created: seconds(61) } }), '401 clock_skew'],
    ['no signature', () => tampered(() => ({ headers: { host: new URL(url).host } })), '401 signature_invalid'],
    ['a signature of one letter', () => withHeader('signature', () => 'esper=:A:'), '400 signature_malformed'],
    [
      'a signature of 44 other letters',
      () => withHeader('signature', () => `esper=:${'A'.repeat(43)}=:`),
      '401 signature_invalid',
    ],
    ['no base64', () => withHeader('signature', () => `esper=:${'!'.repeat(44)}:`), '400 signature_malformed'],
    [
      'a pull with a body that is not signed',
      () => ({ ...signed(url, signer, { path: '/v1/bundle' }), body: Buffer.from('x') }),
      '401 signature_invalid',
    ],
  ])('%s', async (_name, wire, code) => {
    const sent = wire()
    const headers =
      sent.body === undefined ? sent.headers : { ...sent.headers, 'content-length': `${sent.body.length}` }
    expect(await codeOf({ ...sent, headers })).toBe(code)
  })

  test('a nonce that was used, but not for a batch that was refused before', async () => {
    const wire = signed(url, signer, batch)
    expect(await codeOf({ ...wire, body: otherBody })).toBe('401 signature_invalid')
    expect(await codeOf(wire)).toBe('ok')
    expect(await codeOf(wire)).toBe('409 replay')
  })

  test('an unknown key as it refuses a wrong signature, to the letter', async () => {
    const unknown = await sendRaw(url, signed(url, { ...signer, keyId: 'key_none.1' }, batch))
    const wrong = await sendRaw(url, signed(url, { ...signer, key: secret('wrong') }, batch))
    const version = await sendRaw(url, signed(url, { ...signer, keyId: 'key_abc.2' }, batch))
    expect(unknown.status).toBe(401)
    expect(unknown.text).toBe(wrong.text)
    expect(version.text).toBe(wrong.text)
    expect(wrong.json()).toMatchObject({ server_time: NOW })
  })

  test('too much, announced or not', async () => {
    const big = signed(url, signer, { ...batch, body: Buffer.alloc(1_048_577) })
    expect(await codeOf({ ...big, headers: { ...big.headers, 'content-length': '1048577' } })).toBe(
      '413 body_too_large',
    )
    const chunked = { ...big, headers: { ...big.headers, 'transfer-encoding': 'chunked' } }
    expect(await codeOf(chunked)).toBe('413 body_too_large')
  })

  test('what was signed before it was compressed: the bytes on the wire count', async () => {
    const wire = signed(url, signer, batch)
    const body = gzipSync(BODY)
    const headers = { ...wire.headers, 'content-encoding': 'gzip', 'content-length': `${body.length}` }
    expect(await codeOf({ ...wire, body, headers })).toBe('401 signature_invalid')
  })
})
