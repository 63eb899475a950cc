import { createHash, createHmac } from 'node:crypto'
import { checkBundleResponse } from '@esper/core'
import { describe, expect, test } from 'vitest'
import { type Sdk, useSdkApi } from './testing/sdk-api-harness.js'

const sdkApi = useSdkApi()
const { newSdk, newTenant } = sdkApi

test('a nonce is used once across all servers', async () => {
  const sdk = await newSdk(await newTenant())
  const params = { nonce: 'nonce-of-this-test-000000000' }
  const calls = Array.from({ length: 8 }, () => sdk.send({ path: '/v1/bundle', params }))
  const statuses = (await Promise.all(calls)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect(statuses.filter((status) => status === 409)).toHaveLength(7)
})

test('a bundle is signed over its bytes, and not sent again to who has it', async () => {
  const sdk = await newSdk(await newTenant())
  const answer = await sdk.send({ path: '/v1/bundle' })
  expect(answer.status).toBe(200)
  const { etag = '', 'content-digest': contentDigest, 'content-type': contentType = '' } = answer.headers
  const check = checkBundleResponse({
    headers: {
      'signature-input': answer.headers['signature-input'],
      signature: answer.headers.signature,
    },
    response: { status: 200, contentDigest: String(contentDigest), contentType, etag },
    bodySha256: createHash('sha256').update(answer.text).digest('base64'),
    keyid: sdk.keyId,
    mac: (text) => createHmac('sha256', sdk.bundleSigning).update(text).digest('base64'),
  })
  expect(check).toMatchObject({ ok: true })
  expect(answer.json()).toMatchObject({ tenant_id: sdk.tenantId, source_id: 'shop', counting_scope: 'tenant' })
  const again = await sdk.send({ path: '/v1/bundle', headers: { 'if-none-match': etag } })
  expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag])
})

describe('POST /v1/challenges/redeem', () => {
  const spend = (sdk: Sdk, nonce: string, expiresAt = Date.now() + 60_000) =>
    sdk.send({
      path: '/v1/challenges/redeem',
      body: JSON.stringify({ nonce, expires_at: expiresAt }),
      contentType: 'application/json',
    })

  test('spends a challenge once, whoever of the tenant asks and however many at once', async () => {
    const tenantId = await newTenant()
    const [web, app] = [await newSdk(tenantId), await newSdk(tenantId, { sourceId: 'app', trustLevel: 'Trusted' })]
    const calls = Array.from({ length: 20 }, (_, index) => spend(index % 2 === 0 ? web : app, 'solved-challenge'))
    const answers = await Promise.all(calls)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.find(({ status }) => status === 200)?.json()).toEqual({ redeemed: true })
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(answer.json()).toMatchObject({ status: 409, code: 'challenge_spent' })
    }
  })

  test('knows scopes and tenants apart, and refuses what makes no sense', async () => {
    const tenantId = await newTenant()
    const [web, partner] = [
      await newSdk(tenantId),
      await newSdk(tenantId, { sourceId: 'partner', trustLevel: 'External' }),
    ]
    const stranger = await newSdk(await newTenant())
    for (const sdk of [web, partner, stranger]) expect((await spend(sdk, 'same-nonce')).status).toBe(200)
    expect((await spend(web, 'short')).status).toBe(422)
    expect((await spend(web, '$ne-injected')).status).toBe(422)
    expect((await spend(web, 'far-future', Date.now() + 10 * 86_400_000)).status).toBe(422)
    const deep = await web.send({
      path: '/v1/challenges/redeem',
      body: '['.repeat(8_000),
      contentType: 'application/json',
    })
    expect(deep.json()).toMatchObject({ status: 400, code: 'malformed_json' })
  })
})
