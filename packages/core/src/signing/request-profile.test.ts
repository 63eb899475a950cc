import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentDigest } from './content-digest.js'
import {
  checkCreated,
  checkRequest,
  parseSignature,
  type SignatureFailure,
  type SignatureHeaders,
  type SignedRequest,
  signRequest,
} from './request-profile.js'

const mac = (text: string) => createHmac('sha256', 'k'.repeat(32)).update(text).digest('base64')
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64')
const NOW = 1_700_000_000
const body = '{"format":1}\n'
const request: SignedRequest = {
  method: 'POST',
  authority: 'esper.example',
  path: '/v1/events',
  query: '?batch_id=b1&events=1',
  contentDigest: contentDigest(sha256(body)),
  contentType: 'application/x-ndjson',
}
const params = { created: NOW, nonce: 'AAECAwQFBgcICQoLDA0ODw', keyid: 'key_a.1' }

interface Attempt {
  readonly request?: Partial<SignedRequest>
  readonly headers?: { readonly 'signature-input'?: string | string[]; readonly signature?: string | string[] }
  readonly body?: string
}

/** What a server does with what arrives, but for the nonce, which is its own to remember. */
function verify(attempt: Attempt): SignatureFailure | 'ok' {
  const parsed = parseSignature({ ...signRequest(request, params, mac), ...attempt.headers })
  if (!parsed.ok) return parsed.code
  const bodySha256 = sha256(attempt.body ?? body)
  const late = checkCreated(parsed.signature.created, NOW)
  const arrived = { ...request, ...attempt.request }
  return late ?? checkRequest({ request: arrived, signature: parsed.signature, bodySha256, mac }) ?? 'ok'
}

const valid: SignatureHeaders = signRequest(request, params, mac)
const input = valid['signature-input']
const forged = '{"format":2}\n'

const CASES: readonly (readonly [name: string, attempt: Attempt, outcome: SignatureFailure | 'ok'])[] = [
  ['a valid request', {}, 'ok'],
  ['a flipped body byte', { body: forged }, 'digest-mismatch'],
  [
    'body and digest both replaced',
    { body: forged, request: { contentDigest: contentDigest(sha256(forged)) } },
    'bad-signature',
  ],
  ['another path', { request: { path: '/v1/event' } }, 'bad-signature'],
  ['another query', { request: { query: '?batch_id=b2&events=1' } }, 'bad-signature'],
  ['another method', { request: { method: 'PUT' } }, 'bad-signature'],
  ['another host', { request: { authority: 'evil.example' } }, 'bad-signature'],
  ['another content type', { request: { contentType: 'text/plain' } }, 'bad-signature'],
  ['a content encoding that was not signed', { request: { contentEncoding: 'gzip' } }, 'insufficient-coverage'],
  ['another key id', { headers: { 'signature-input': input.replace('key_a.1', 'key_b.1') } }, 'bad-signature'],
  [
    'coverage cut to the method',
    { headers: { 'signature-input': input.replace(/\([^)]*\)/, '("@method")') } },
    'insufficient-coverage',
  ],
  [
    'a body under the coverage of an empty request',
    { headers: { 'signature-input': input.replace(' "content-digest" "content-type"', '') } },
    'insufficient-coverage',
  ],
  ['alg none', { headers: { 'signature-input': input.replace('hmac-sha256', 'none') } }, 'malformed'],
  [
    'the tag of another profile',
    { headers: { 'signature-input': input.replace('ingest', 'bundle') } },
    'wrong-profile',
  ],
  ['two labels', { headers: { 'signature-input': `${input}, b=${input.slice(6)}` } }, 'malformed'],
  ['created in milliseconds', { headers: { 'signature-input': input.replace(`${NOW}`, `${NOW}000`) } }, 'malformed'],
  ['a header sent twice', { headers: { 'signature-input': [input, input] } }, 'malformed'],
  ['a signature sent twice', { headers: { signature: [valid.signature, valid.signature] } }, 'malformed'],
  [
    'a quote injected into the nonce',
    { headers: { 'signature-input': input.replace('AAEC', 'AA";created=1;x="') } },
    'malformed',
  ],
  ['a short nonce', { headers: { 'signature-input': input.replace('AAECAwQFBgcICQoLDA0ODw', 'AAEC') } }, 'malformed'],
  ['a signature of one character', { headers: { signature: 'esper=:A:' } }, 'malformed'],
  ['a signature that is no base64', { headers: { signature: `esper=:${'!'.repeat(44)}:` } }, 'malformed'],
  ['another signature of the right shape', { headers: { signature: `esper=:${'A'.repeat(43)}=:` } }, 'bad-signature'],
  ['20,000 signatures', { headers: { signature: Array(20_000).fill(valid.signature).join(', ') } }, 'malformed'],
]

describe('request signature', () => {
  for (const [name, attempt, outcome] of CASES) {
    it(`${name}: ${outcome}`, () => expect(verify(attempt)).toBe(outcome))
  }

  it('is refused when it is missing', () => {
    expect(parseSignature({ signature: valid.signature })).toEqual({ ok: false, code: 'missing' })
    expect(parseSignature({ 'signature-input': input })).toEqual({ ok: false, code: 'missing' })
  })

  it('is accepted from 300 seconds ago to 60 seconds ahead', () => {
    expect(checkCreated(NOW - 300, NOW)).toBeUndefined()
    expect(checkCreated(NOW - 301, NOW)).toBe('too-old')
    expect(checkCreated(NOW + 60, NOW)).toBeUndefined()
    expect(checkCreated(NOW + 61, NOW)).toBe('too-new')
  })

  it('reads nothing but what it wrote, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 700 }), fc.string({ maxLength: 120 }), (signatureInput, signature) => {
        expect(parseSignature({ 'signature-input': signatureInput, signature }).ok).toBe(false)
      }),
    )
  })

  it('holds for any request and breaks with any change of a covered component', () => {
    const text = fc.stringMatching(/^[!-~]{1,30}$/)
    fc.assert(
      fc.property(text, text, text, (path, query, other) => {
        const sent: SignedRequest = { ...request, path: `/${path}`, query: `?${query}` }
        const parsed = parseSignature(signRequest(sent, params, mac))
        if (!parsed.ok) throw new Error(parsed.code)
        const check = { signature: parsed.signature, bodySha256: sha256(body), mac }
        expect(checkRequest({ ...check, request: sent })).toBeUndefined()
        if (other !== path)
          expect(checkRequest({ ...check, request: { ...sent, path: `/${other}` } })).toBe('bad-signature')
        if (other !== query) {
          expect(checkRequest({ ...check, request: { ...sent, query: `?${other}` } })).toBe('bad-signature')
        }
      }),
    )
  })
})
