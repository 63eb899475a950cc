import { createHash, createHmac } from 'node:crypto'
import { checkRequest, contentDigest, parseSignature, type SignedRequest, signRequest } from '@esper/core'
import { httpbis } from 'http-message-signatures'
import { describe, expect, it } from 'vitest'

const key = Buffer.alloc(32, 7)
const mac = (text: string) => createHmac('sha256', key).update(text).digest('base64')
const nonce = 'AAECAwQFBgcICQoLDA0ODw'
const keyid = 'key_a.1'
const body = '{"format":1}\n'
const bodySha256 = createHash('sha256').update(body).digest('base64')
const target = { method: 'POST', authority: 'esper.example', path: '/v1/events', query: '?batch_id=b1&events=1' }
const digest = contentDigest(bodySha256)
const contentType = 'application/x-ndjson'

const REQUESTS: readonly (readonly [name: string, request: SignedRequest])[] = [
  ['no body', { ...target, method: 'GET' }],
  ['body', { ...target, contentDigest: digest, contentType }],
  ['compressed body', { ...target, contentDigest: digest, contentType, contentEncoding: 'br' }],
]

function message(request: SignedRequest): { method: string; url: string; headers: Record<string, string> } {
  const headers: Record<string, string> = { host: request.authority }
  if (request.contentDigest !== undefined) headers['content-digest'] = request.contentDigest
  if (request.contentType !== undefined) headers['content-type'] = request.contentType
  if (request.contentEncoding !== undefined) headers['content-encoding'] = request.contentEncoding
  return { method: request.method, url: `https://${request.authority}${request.path}${request.query}`, headers }
}

const covered = (request: SignedRequest) => [
  ...['@method', '@authority', '@path', '@query'],
  ...(request.contentDigest === undefined ? [] : ['content-digest', 'content-type']),
  ...(request.contentEncoding === undefined ? [] : ['content-encoding']),
]

describe('an independent RFC 9421 library agrees', () => {
  it.each(REQUESTS)('it verifies what we sign: %s', async (_name, request) => {
    const created = Math.floor(Date.now() / 1000)
    const sent = message(request)
    Object.assign(sent.headers, signRequest(request, { created, nonce, keyid }, mac))
    const verify = async (data: Buffer, signature: Buffer) =>
      createHmac('sha256', key).update(data).digest().equals(signature)
    const keyLookup = async () => ({ id: keyid, algs: ['hmac-sha256'], verify })
    expect(await httpbis.verifyMessage({ keyLookup, requiredFields: covered(request) }, sent)).toBe(true)
    sent.url = `${sent.url}x`
    await expect(httpbis.verifyMessage({ keyLookup }, sent)).resolves.toBe(false)
  })

  it.each(REQUESTS)('we verify what it signs: %s', async (_name, request) => {
    const signer = {
      id: keyid,
      alg: 'hmac-sha256',
      sign: async (data: Buffer) => createHmac('sha256', key).update(data).digest(),
    }
    const signed = await httpbis.signMessage(
      {
        key: signer,
        name: 'esper',
        fields: covered(request),
        params: ['created', 'nonce', 'keyid', 'alg', 'tag'],
        paramValues: { created: new Date(1_700_000_000_000), nonce, tag: 'esper-ingest-v1' },
      },
      message(request),
    )
    const headers = Object.fromEntries(Object.entries(signed.headers).map(([k, v]) => [k.toLowerCase(), v]))
    const parsed = parseSignature(headers)
    if (!parsed.ok) throw new Error(`${parsed.code}: ${JSON.stringify(headers)}`)
    const sha256 = request.contentDigest === undefined ? undefined : bodySha256
    expect(checkRequest({ request, signature: parsed.signature, bodySha256: sha256, mac })).toBeUndefined()
  })
})
