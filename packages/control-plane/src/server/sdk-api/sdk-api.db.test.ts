import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { checkBundleResponse, type MitigationDelta, type MitigationPage, streamMacText } from '@esper/core'
import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EventParser, type ServerSentEvent } from '../../clients/event-reader.js'
import { createIngestionClient, type IngestionClient } from '../../clients/ingestion-client.js'
import { createMitigationClient, type MitigationClient } from '../../clients/mitigation-client.js'
import type { MitigationUpsert } from '../../contract/mitigation.js'
import { createIngestionBrokerModules } from '../../ingestion-broker/module.js'
import { createMitigationBrokerModules } from '../../mitigation-broker/module.js'
import { type RunningRole, startRole, TEST_SERVICE_TOKEN } from '../../pipeline-testing/start-role.js'
import type { Operator } from '../testing/operator.js'
import { holderOf, type IssuedKey } from '../testing/sign.js'
import { startServer, type TestServer } from '../testing/start-server.js'
import { type Answer, type Outgoing, openRaw, sendRaw, signed } from './testing/signed-client.js'

const database = useDatabase()
let server: TestServer
let ingestionRole: RunningRole
let mitigationRole: RunningRole
let ingestion: IngestionClient
let mitigation: MitigationClient
let owner: Operator

beforeAll(async () => {
  server = await startServer({ database })
  const { config } = server
  ingestionRole = await startRole(createIngestionBrokerModules, { config, role: 'ingestion-broker' })
  mitigationRole = await startRole(createMitigationBrokerModules, { config, role: 'mitigation-broker' })
  const serviceToken = TEST_SERVICE_TOKEN
  ingestion = createIngestionClient({ url: config.ingestionBrokerUrl, serviceToken })
  mitigation = createMitigationClient({ url: config.mitigationBrokerUrl, serviceToken })
  owner = await server.operator('Olga')
})

afterAll(async () => {
  await server.stop()
  await Promise.all([ingestion.close(), mitigation.close()])
  await mitigationRole.stop()
  await ingestionRole.stop()
})

interface Sdk {
  readonly tenantId: string
  readonly sourceId: string
  readonly apiKeyId: string
  readonly keyId: string
  readonly streamMac: Buffer
  readonly bundleSigning: Buffer
  send(outgoing: Outgoing): Promise<Answer>
  open(outgoing: Outgoing): Promise<IncomingMessage>
}

let slugs = 0
async function newTenant(): Promise<string> {
  slugs += 1
  const tenant = await owner.make('/tenants', { name: `Tenant ${slugs}`, slug: `sdk-api-${slugs}` })
  return tenant.tenant_id
}

async function newSdk(tenantId: string, more: { sourceId?: string; trustLevel?: string } = {}): Promise<Sdk> {
  const { sourceId = 'shop', trustLevel = 'Internal' } = more
  const issued: IssuedKey = await owner.make(`/tenants/${tenantId}/api-keys`, {
    name: `key ${randomBytes(6).toString('hex')}`,
    source_id: sourceId,
    trust_level: trustLevel,
  })
  const holder = holderOf(issued)
  const signer = { keyId: issued.key_id, key: holder.derive('ingestSigning') }
  return {
    tenantId,
    sourceId,
    apiKeyId: issued.api_key_id,
    keyId: issued.key_id,
    streamMac: holder.derive('streamMac'),
    bundleSigning: holder.derive('bundleSigning'),
    send: (outgoing) => sendRaw(server.url, signed(server.url, signer, outgoing)),
    open: (outgoing) => openRaw(server.url, signed(server.url, signer, outgoing)),
  }
}

function body(ids: readonly string[]): string {
  const header = { format: 1, sdk: 'esper-node/9.9.9', revision: 1, instance_id: 'inst_1', loss: { queue_full: 2 } }
  const events = ids.map((id) => ({ event_id: id, observed_at: Date.now(), fields: { request_path: '/' } }))
  return [header, ...events].map((line) => JSON.stringify(line)).join('\n')
}

describe('POST /v1/events', () => {
  test('keeps a batch once, under the tenant, source and trust of its key', async () => {
    const sdk = await newSdk(await newTenant(), { sourceId: 'partner', trustLevel: 'External' })
    const batch = { path: '/v1/events?batch_id=b1&events=2', body: body(['e1', 'e2']) }
    const answer = await sdk.send(batch)
    expect(answer.status).toBe(202)
    expect(answer.json()).toEqual({ batch_id: 'b1', accepted: 2, duplicate: false })
    expect((await sdk.send(batch)).json()).toEqual({ batch_id: 'b1', accepted: 2, duplicate: true })
    const { claim } = await ingestion.claim({ worker_id: 'w', max_batches: 5, wait_ms: 0, lease_ms: 5_000 })
    expect(claim?.batches).toMatchObject([
      { tenant_id: sdk.tenantId, source_id: 'partner', trust_level: 'External', batch_id: 'b1' },
    ])
    expect(Buffer.from(claim?.batches[0]?.body ?? '', 'base64').toString()).toBe(batch.body)
    await ingestion.ack(claim?.claim_id ?? '')
  })

  test('forwards compressed bytes as they came', async () => {
    const sdk = await newSdk(await newTenant())
    const zipped = gzipSync(body(['z1']))
    const path = '/v1/events?batch_id=z&events=1'
    expect((await sdk.send({ path, body: zipped, contentEncoding: 'gzip' })).status).toBe(202)
    expect(await ingestion.event({ tenantId: sdk.tenantId, eventId: 'z1' })).toMatchObject({ event_id: 'z1' })
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
    expect(await ingestion.stats(sdk.tenantId)).toMatchObject({ batches: 0 })
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
    expect(await ingestion.stats(sdk.tenantId)).toMatchObject({ batches: 0 })
    expect((await sdk.send({ path, body: body(['s1']), headers })).status).toBe(202)
  })

  test('notes which SDKs are live', async () => {
    const sdk = await newSdk(await newTenant())
    await sdk.send({ path: '/v1/events?batch_id=b&events=1', body: body(['e1']) })
    const source = await waitUntil(async () => {
      const { items } = (await owner.get(`/tenants/${sdk.tenantId}/sources`)).body
      return items.find((item: { instances: number }) => item.instances > 0)
    })
    expect(source).toMatchObject({ source_id: 'shop', sdk: 'esper-node/9.9.9', instances: 1, loss: { queue_full: 2 } })
  })
})

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

interface OpenStream {
  readonly events: { readonly name: string; readonly json: string; readonly id: string }[]
  readonly ended: Promise<void>
  close(): void
}

/** Follows an SDK's stream as an SDK does: every MAC must hold. */
async function follow(sdk: Sdk, query = ''): Promise<OpenStream> {
  const response = await sdk.open({ path: `/v1/stream${query}`, headers: { 'user-agent': 'esper-node/9.9.9' } })
  expect(response.statusCode).toBe(200)
  const parser = new EventParser()
  const events: OpenStream['events'] = []
  const read = async () => {
    for await (const chunk of response) for (const event of parser.push(String(chunk))) take(sdk, event, events)
  }
  const ended = read().catch(() => undefined)
  await waitUntil(() => events.some(({ name }) => name === 'hello'))
  return { events, ended, close: () => void response.destroy() }
}

function take({ tenantId, sourceId, streamMac }: Sdk, event: ServerSentEvent, events: OpenStream['events']): void {
  const [mac, ...rest] = event.data.split(' ')
  const json = rest.join(' ')
  const id = event.id ?? ''
  const name = event.event
  if (name !== 'hello' && name !== 'bundle' && name !== 'mitigation' && name !== 'heartbeat') throw new Error(name)
  const text = streamMacText({ tenantId, sourceId, event: name, id, json })
  expect(mac).toBe(createHmac('sha256', streamMac).update(text).digest('base64url'))
  events.push({ name, json, id })
}

function upsert(entityKey: string, more: Partial<MitigationUpsert> = {}): MitigationUpsert {
  return {
    policy_id: 'pol_a',
    mitigation_id: 'mit_a',
    counting_scope: 'tenant',
    entity_key: entityKey,
    since: Date.now(),
    expires_at: Date.now() + 600_000,
    revision: 1,
    ...more,
  }
}

let publications = 0
async function publish(tenantId: string, mitigations: readonly MitigationUpsert[]): Promise<void> {
  publications += 1
  await mitigation.publish({
    publication_id: `pub_${publications}`,
    tenant_id: tenantId,
    decisions: [],
    matched: [],
    mitigations,
    counters: [],
  })
}

function entities(stream: OpenStream): string[] {
  return stream.events.flatMap(({ name, json }) => {
    if (name !== 'mitigation') return []
    const delta: MitigationDelta = JSON.parse(json)
    return delta.kind === 'upsert' ? [delta.mitigation.entity_key] : [`-${delta.removal.entity_key}`]
  })
}

describe('GET /v1/stream', () => {
  test('says where it starts, then tells of new revisions at once', async () => {
    const sdk = await newSdk(await newTenant())
    const stream = await follow(sdk, '?since=0&instance_id=inst_7&revision=1')
    const [hello] = stream.events
    expect(hello?.name).toBe('hello')
    expect(JSON.parse(hello?.json ?? '')).toMatchObject({ cursor: 0, revision: expect.any(Number) })
    const startedAt = performance.now()
    await owner.make(`/tenants/${sdk.tenantId}/actions`, { name: 'a', expression: 'request_path = "/a"' })
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
    await mitigation.end({ tenant_id: tenantId, revision: 1, policy_ids: ['pol_a'] })
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
    expect((await owner.delete(`/tenants/${tenantId}/api-keys/${revoked.apiKeyId}`)).status).toBe(204)
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

test('without the ingestion broker a batch is refused for now, never lost in silence', async () => {
  const sdk = await newSdk(await newTenant())
  await ingestionRole.stop()
  const answer = await sdk.send({ path: '/v1/events?batch_id=down&events=1', body: body(['e1']) })
  expect(answer.status).toBe(503)
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  expect(answer.json()).toMatchObject({ code: 'dependency_unavailable' })
  const { config } = server
  ingestionRole = await startRole(createIngestionBrokerModules, { config, role: 'ingestion-broker' })
  expect((await sdk.send({ path: '/v1/events?batch_id=down&events=1', body: body(['e1']) })).status).toBe(202)
})
