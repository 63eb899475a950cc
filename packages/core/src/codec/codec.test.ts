import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64Url, encodeBase64Url } from './base64url.js'
import { canonicalJson } from './canonical-json.js'
import { sha256Base64Url } from './sha256.js'

describe('base64url', () => {
  it('writes what Node writes, and reads it back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = encodeBase64Url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(decodeBase64Url(text)).toEqual(bytes)
      }),
    )
  })

  it('reads nothing that it would not write', () => {
    for (const text of ['A', 'AA==', 'AB', 'A+', 'A/', 'A A', 'AAAAA', 'ÄÄ', 'AAB']) {
      expect(decodeBase64Url(text)).toBeUndefined()
    }
  })
})

describe('canonical JSON', () => {
  it('is one text for equal values', () => {
    expect(canonicalJson({ b: [1, -0, 'e\u0301'], a: { d: null, c: true } })).toBe(
      '{"a":{"c":true,"d":null},"b":[1,0,"é"]}',
    )
    expect(canonicalJson(Infinity)).not.toBe(canonicalJson(null))
  })

  it('is JSON that reads back', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const plain = JSON.parse(JSON.stringify(value))
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain)
      }),
      { numRuns: 50 },
    )
  })
})

describe('SHA-256', () => {
  it('is that of the UTF-8 form', () => {
    for (const text of ['', 'abc', 'é😀', 'x'.repeat(1_000)]) {
      expect(sha256Base64Url(text)).toBe(createHash('sha256').update(text).digest('base64url'))
    }
  })
})
