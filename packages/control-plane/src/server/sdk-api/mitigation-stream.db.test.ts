import { createHmac } from 'node:crypto'
import { type MitigationPage, streamMacText } from '@esper/core'
import { waitUntil } from '@esper/testkit'
import { describe, expect, test } from 'vitest'
import { entities, follow, upsert } from './testing/follow-stream.js'
import { useSdkApi } from './testing/sdk-api-harness.js'

const sdkApi = useSdkApi()
const { newSdk, newTenant, publish } = sdkApi

describe('GET /v1/stream', () => {
  test('says where it starts, then tells of new revisions at once', async () => {
    const sdk = await newSdk(await newTenant())
    const stream = await follow(sdk, '?since=0&instance_id=inst_7&revision=1')
    const [hello] = stream.events
    expect(hello?.name).toBe('hello')
    expect(JSON.parse(hello?.json ?? '')).toMatchObject({ cursor: 0, revision: expect.any(Number) })
    const startedAt = performance.now()
    await sdkApi.running.owner.make(`/tenants/${sdk.tenantId}/actions`, {
      name: 'a',
      expression: 'request_path = "/a"',
    })
    const bundle = await waitUntil(() => stream.events.find(({ name }) => name === 'bundle'), { everyMs: 5 })
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    const pulled = await sdk.send({ path: '/v1/bundle' })
    expect(pulled.json()).toMatchObject(JSON.parse(bundle.json))
    stream.close()
  })

  test('carries what is active and what becomes active, of its own counting scope alone', async () => {
    const tenantId = await newTenant()
    const [web, partner] = [
      await newSdk(tenantId),
      await newSdk(tenantId, { sourceId: 'partner', trustLevel: 'External' }),
    ]
    await publish(tenantId, [upsert('before'), upsert('p-before', { counting_scope: 'source:partner' })])
    const [ours, theirs] = [await follow(web), await follow(partner)]
    await waitUntil(() => entities(ours).length === 1 && entities(theirs).length === 1)
    await publish(await newTenant(), [upsert('stranger')])
    await publish(tenantId, [upsert('after')])
    await publish(tenantId, [upsert('p-after', { counting_scope: 'source:partner' })])
    await sdkApi.running.mitigation.end({ tenant_id: tenantId, revision: 1, policy_ids: ['pol_a'] })
    await waitUntil(() => entities(ours).length === 4 && entities(theirs).length === 4)
    expect(entities(ours).slice(0, 2)).toEqual(['before', 'after'])
    expect(entities(ours).slice(2).sort()).toEqual(['-after', '-before'])
    expect(entities(theirs).slice(0, 2)).toEqual(['p-before', 'p-after'])
    ours.close()
    theirs.close()
  })

  test('goes on from a cursor without gap or repeat', async () => {
    const sdk = await newSdk(await newTenant())
    await publish(sdk.tenantId, [upsert('one')])
    const first = await follow(sdk)
    await waitUntil(() => entities(first).length === 1)
    const cursor = first.events.at(-1)?.id ?? ''
    first.close()
    await publish(sdk.tenantId, [upsert('two'), upsert('three')])
    const second = await follow(sdk, `?since=${cursor}`)
    await publish(sdk.tenantId, [upsert('four')])
    await waitUntil(() => entities(second).length === 3)
    expect(entities(second)).toEqual(['two', 'three', 'four'])
    second.close()
  })

  test('ends when its key is revoked, and no other', async () => {
    const tenantId = await newTenant()
    const [revoked, other] = [await newSdk(tenantId), await newSdk(tenantId)]
    const [gone, stays] = [await follow(revoked), await follow(other)]
    expect((await sdkApi.running.owner.delete(`/tenants/${tenantId}/api-keys/${revoked.apiKeyId}`)).status).toBe(204)
    await gone.ended
    expect((await revoked.send({ path: '/v1/bundle' })).status).toBe(401)
    expect((await other.send({ path: '/v1/bundle' })).status).toBe(200)
    await publish(tenantId, [upsert('still')])
    await waitUntil(() => entities(stays).length === 1)
    stays.close()
  })
})

test('a page of mitigations carries a MAC over what was asked and answered', async () => {
  const sdk = await newSdk(await newTenant())
  await publish(sdk.tenantId, [upsert('one'), upsert('two', { counting_scope: 'source:partner' })])
  const answer = await sdk.send({ path: '/v1/mitigations?since=0' })
  const { tenantId, sourceId, streamMac } = sdk
  const text = streamMacText({ tenantId, sourceId, event: 'mitigations', id: '0', json: answer.text })
  expect(answer.headers['esper-mac']).toBe(createHmac('sha256', streamMac).update(text).digest('base64url'))
  const page: MitigationPage = JSON.parse(answer.text)
  expect(page.full).toBe(true)
  expect(page.deltas).toHaveLength(1)
  const after = (await sdk.send({ path: `/v1/mitigations?since=${page.cursor}` })).json()
  expect(after).toEqual({ deltas: [], cursor: page.cursor, full: false })
  expect((await sdk.send({ path: '/v1/mitigations?since=-1' })).status).toBe(400)
})
