import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkBundleResponse, signBundleResponse } from './bundle-profile.js'
import { contentDigest } from './content-digest.js'

const mac = (text: string) => createHmac('sha256', 'b'.repeat(32)).update(text).digest('base64')
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64')
const body = '{"revision":1}'
const response = {
  status: 200,
  contentDigest: contentDigest(sha256(body)),
  contentType: 'application/json',
  etag: '"1"',
}
const params = { created: 1_700_000_000, keyid: 'key_a.1' }
const headers = signBundleResponse(response, params, mac)
const check = { headers, response, bodySha256: sha256(body), keyid: params.keyid, mac }
const input = headers['signature-input']

describe('bundle signature', () => {
  it('holds for what was signed', () => expect(checkBundleResponse(check)).toEqual({ ok: true, signature: params }))

  it.each([
    ['another body', { bodySha256: sha256('{"revision":2}') }, 'digest-mismatch'],
    ['another ETag', { response: { ...response, etag: '"2"' } }, 'bad-signature'],
    ['another status', { response: { ...response, status: 203 } }, 'bad-signature'],
    ['another content type', { response: { ...response, contentType: 'text/html' } }, 'bad-signature'],
    [
      'the key of another',
      { mac: (text: string) => createHmac('sha256', 'c').update(text).digest('base64') },
      'bad-signature',
    ],
    ['another key id than asked for', { keyid: 'key_a.2' }, 'bad-signature'],
    ['no signature', { headers: {} }, 'missing'],
    ['no MAC', { headers: { 'signature-input': input } }, 'missing'],
    ['garbage', { headers: { 'signature-input': 'esper=()', signature: 'x' } }, 'malformed'],
    [
      'less covered',
      { headers: { ...headers, 'signature-input': input.replace(' "etag"', '') } },
      'insufficient-coverage',
    ],
    [
      'the tag of requests',
      { headers: { ...headers, 'signature-input': input.replace('bundle', 'ingest') } },
      'wrong-profile',
    ],
  ])('is refused with %s', (_name, change, code) => {
    expect(checkBundleResponse({ ...check, ...change })).toEqual({ ok: false, code })
  })
})
