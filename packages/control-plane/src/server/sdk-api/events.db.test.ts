import { gzipSync } from 'node:zlib'
import { waitUntil } from '@esper/testkit'
import { describe, expect, test } from 'vitest'
import { body, useSdkApi } from './testing/sdk-api-harness.js'
import type { Outgoing } from './testing/signed-client.js'

const sdkApi = useSdkApi()
const { newSdk, newTenant } = sdkApi

describe('POST /v1/events', () => {
  test('keeps a batch once, under the tenant, source and trust of its key', async () => {
    const sdk = await newSdk(await newTenant(), { sourceId: 'partner', trustLevel: 'External' })
    const batch = { path: '/v1/events?batch_id=b1&events=2', body: body(['e1', 'e2']) }
    const answer = await sdk.send(batch)
    expect(answer.status).toBe(202)
    expect(answer.json()).toEqual({ batch_id: 'b1', accepted: 2, duplicate: false })
    expect((await sdk.send(batch)).json()).toEqual({ batch_id: 'b1', accepted: 2, duplicate: true })
    const { claim } = await sdkApi.running.ingestion.claim({
      worker_id: 'w',
      max_batches: 5,
      wait_ms: 0,
      lease_ms: 5_000,
    })
    expect(claim?.batches).toMatchObject([
      { tenant_id: sdk.tenantId, source_id: 'partner', trust_level: 'External', batch_id: 'b1' },
    ])
    expect(Buffer.from(claim?.batches[0]?.body ?? '', 'base64').toString()).toBe(batch.body)
    await sdkApi.running.ingestion.ack(claim?.claim_id ?? '')
  })

  test('forwards compressed bytes as they came', async () => {
    const sdk = await newSdk(await newTenant())
    const zipped = gzipSync(body(['z1']))
    const path = '/v1/events?batch_id=z&events=1'
    expect((await sdk.send({ path, body: zipped, contentEncoding: 'gzip' })).status).toBe(202)
    expect(await sdkApi.running.ingestion.event({ tenantId: sdk.tenantId, eventId: 'z1' })).toMatchObject({
      event_id: 'z1',
    })
  })

  test.each<[string, Outgoing, number, string]>([
    ['no batch id', { path: '/v1/events?events=1', body: 'x' }, 422, 'validation_failed'],
    ['too many events', { path: '/v1/events?batch_id=b&events=501', body: 'x' }, 422, 'validation_failed'],
    ['another type', { path: '/v1/events?batch_id=b&events=1', body: 'x', contentType: 'application/json' }, 415, ''],
    ['another encoding', { path: '/v1/events?batch_id=b&events=1', body: 'x', contentEncoding: 'deflate' }, 415, ''],
    ['two encodings', { path: '/v1/events?batch_id=b&events=1', body: 'x', contentEncoding: 'gzip, gzip' }, 415, ''],
    ['nothing', { path: '/v1/events?batch_id=b&events=1', method: 'POST' }, 415, ''],
    ['another method', { path: '/v1/events?batch_id=b&events=1', method: 'GET' }, 405, 'method_not_allowed'],
    ['another address', { path: '/v1/nothing' }, 404, 'route_not_found'],
  ])('refuses %s', async (_name, outgoing, status, code) => {
    const sdk = await newSdk(await newTenant())
    const answer = await sdk.send(outgoing)
    expect(answer.status).toBe(status)
    expect(answer.json()).toMatchObject(code === '' ? { status } : { status, code })
    expect(await sdkApi.running.ingestion.stats(sdk.tenantId)).toMatchObject({ batches: 0 })
  })

  test('with handling=strict stores nothing unless every line is valid', async () => {
    const sdk = await newSdk(await newTenant())
    const headers = { prefer: 'respond-async, handling=strict' }
    const bad = `${body(['s1'])}\n{"event_id":"no time"}\nnot json`
    const path = '/v1/events?batch_id=s&events=3'
    const refused = await sdk.send({ path, body: bad, headers })
    expect(refused.status).toBe(422)
    expect(refused.json()).toMatchObject({
      errors: [
        { path: 'lines.3', code: 'bad_event_id' },
        { path: 'lines.4', code: 'bad_json' },
      ],
    })
    expect(await sdkApi.running.ingestion.stats(sdk.tenantId)).toMatchObject({ batches: 0 })
    expect((await sdk.send({ path, body: body(['s1']), headers })).status).toBe(202)
  })

  test('notes which SDKs are live', async () => {
    const sdk = await newSdk(await newTenant())
    await sdk.send({ path: '/v1/events?batch_id=b&events=1', body: body(['e1']) })
    const source = await waitUntil(async () => {
      const { items } = (await sdkApi.running.owner.get(`/tenants/${sdk.tenantId}/sources`)).body
      return items.find((item) => item.instances > 0)
    })
    expect(source).toMatchObject({ source_id: 'shop', sdk: 'esper-node/9.9.9', instances: 1, loss: { queue_full: 2 } })
  })

  test('does not take the revision of a late batch for the one its SDK works with now', async () => {
    const sdk = await newSdk(await newTenant())
    const source = async () => {
      const { items } = (await sdkApi.running.owner.get(`/tenants/${sdk.tenantId}/sources`)).body
      return items[0]
    }
    const says = async (path: string, revision: number) => {
      expect((await sdk.send({ path: `${path}&instance_id=i&revision=${revision}` })).status).toBe(200)
      await waitUntil(async () => (await source())?.revision === revision, { what: `revision ${revision}` })
    }
    await says('/v1/mitigations?since=0', 5)
    const late = body(['e1'], { instance_id: 'i', revision: 3 })
    expect((await sdk.send({ path: '/v1/events?batch_id=late&events=1', body: late })).status).toBe(202)
    await waitUntil(async () => (await source())?.loss.queue_full === 2, { what: 'what the batch said' })
    expect(await source()).toMatchObject({ revision: 5, instances: 1 })
    // A control plane that was put back starts its revisions again, and its SDKs say so themselves.
    await says('/v1/mitigations?since=0', 2)
  })
})

test('without the ingestion broker a batch is refused for now, never lost in silence', async () => {
  const sdk = await newSdk(await newTenant())
  await sdkApi.running.stopIngestionBroker()
  const answer = await sdk.send({ path: '/v1/events?batch_id=down&events=1', body: body(['e1']) })
  expect(answer.status).toBe(503)
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  expect(answer.json()).toMatchObject({ code: 'dependency_unavailable' })
  await sdkApi.running.startIngestionBroker()
  expect((await sdk.send({ path: '/v1/events?batch_id=down&events=1', body: body(['e1']) })).status).toBe(202)
})
