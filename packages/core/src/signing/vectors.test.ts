import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { KEY_PURPOSES } from '../index.js'
import { streamMacText } from '../protocol/stream.js'
import { checkBundleResponse, signBundleResponse } from './bundle-profile.js'
import { checkRequest, coverageOf, createSignatureBase, parseSignature, signRequest } from './request-profile.js'

const vectors = JSON.parse(readFileSync(new URL('../../vectors/signing/esper-v1.json', import.meta.url), 'utf8'))
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64')
const macWith = (purpose: string) => (text: string) =>
  createHmac('sha256', Buffer.from(vectors.keys[purpose], 'hex')).update(text).digest('base64')

describe('published signing vectors', () => {
  it('derive their keys with HKDF from the secret', () => {
    for (const purpose of Object.values(KEY_PURPOSES)) {
      const key = Buffer.from(hkdfSync('sha256', vectors.secret, vectors.api_key_id, purpose, 32))
      expect(key.toString('hex')).toBe(vectors.keys[purpose])
    }
  })

  for (const vector of vectors.requests) {
    it(`request: ${vector.name}`, () => {
      const mac = macWith(KEY_PURPOSES.ingestSigning)
      expect(coverageOf(vector.request)).toBe(vector.coverage)
      expect(signRequest(vector.request, vector.params, mac)).toEqual(vector.headers)
      const parsed = parseSignature(vector.headers)
      if (!parsed.ok) throw new Error(parsed.code)
      expect(createSignatureBase(vector.request, vector.coverage, parsed.signature.parameters)).toBe(vector.base)
      const bodySha256 = vector.body === undefined ? undefined : sha256(vector.body)
      expect(checkRequest({ request: vector.request, signature: parsed.signature, bodySha256, mac })).toBeUndefined()
    })
  }

  it('bundle response', () => {
    const { body, response, params, headers } = vectors.bundle
    const mac = macWith(KEY_PURPOSES.bundleSigning)
    expect(signBundleResponse(response, params, mac)).toEqual(headers)
    const check = { headers, response, bodySha256: sha256(body), keyid: params.keyid, mac }
    expect(checkBundleResponse(check)).toEqual({ ok: true, signature: params })
  })

  it('stream event', () => {
    const { text, mac, ...input } = vectors.stream
    expect(streamMacText(input)).toBe(text)
    const key = Buffer.from(vectors.keys[KEY_PURPOSES.streamMac], 'hex')
    expect(createHmac('sha256', key).update(text).digest('base64url')).toBe(mac)
  })
})
