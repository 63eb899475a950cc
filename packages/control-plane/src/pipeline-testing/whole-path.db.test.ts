import { randomBytes } from 'node:crypto'
import type { MitigationDelta } from '@esper/core'
import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EventParser } from '../clients/event-reader.js'
import { createEngineModules } from '../engine/module.js'
import { createIngestionBrokerModules } from '../ingestion-broker/module.js'
import { createMitigationBrokerModules } from '../mitigation-broker/module.js'
import { type Outgoing, openRaw, sendRaw, signed } from '../server/sdk-api/testing/signed-client.js'
import type { Operator } from '../server/testing/operator.js'
import { holderOf, type IssuedKey } from '../server/testing/sign.js'
import { startServer, type TestServer } from '../server/testing/start-server.js'
import { type RunningRole, startRole } from './start-role.js'

const database = useDatabase()
const roles: RunningRole[] = []
let server: TestServer
let owner: Operator

beforeAll(async () => {
  server = await startServer({ database })
  const config = { ...server.config, serverInternalUrl: server.internalUrl }
  roles.push(await startRole(createIngestionBrokerModules, { config, role: 'ingestion-broker' }))
  roles.push(await startRole(createMitigationBrokerModules, { config, role: 'mitigation-broker' }))
  roles.push(await startRole(createEngineModules, { config, role: 'engine' }))
  owner = await server.operator('Olga')
})

afterAll(async () => {
  for (const role of [...roles].reverse()) await role.stop()
  await server.stop()
})

async function setUp() {
  const { tenant_id: tenantId } = await owner.make('/tenants', { name: 'Shop', slug: 'shop' })
  const issued: IssuedKey = await owner.make(`/tenants/${tenantId}/api-keys`, {
    name: 'web',
    source_id: 'web',
    trust_level: 'Internal',
  })
  const at = `/tenants/${tenantId}`
  const action = await owner.make(`${at}/actions`, {
    name: 'login',
    expression: '$contains(request_path, /^\\/login/)',
  })
  const entity = await owner.make(`${at}/entity-definitions`, { name: 'address', key_fields: ['client_ip'] })
  const mitigation = await owner.make(`${at}/mitigations`, { name: 'block', mode: 'Block', duration_seconds: 600 })
  const policy = await owner.make(`${at}/policies`, {
    name: 'stuffing',
    expression: 'request_method = "POST"',
    action_ids: [action.action_id],
    entity_definition_id: entity.entity_definition_id,
    mitigation_id: mitigation.mitigation_id,
    window: { seconds: 60, threshold: 5 },
  })
  const holder = holderOf(issued)
  const signer = { keyId: issued.key_id, key: holder.derive('ingestSigning') }
  return { tenantId, policyId: policy.policy_id, mitigationId: mitigation.mitigation_id, signer }
}

function batchOf(count: number, revision: number): Outgoing {
  const header = { format: 1, sdk: 'test/1', revision, instance_id: 'i' }
  const events = Array.from({ length: count }, () => ({
    event_id: randomBytes(8).toString('hex'),
    observed_at: Date.now(),
    fields: { request_method: 'POST', request_path: '/login', client_ip: '192.0.2.7' },
  }))
  const body = [header, ...events].map((line) => JSON.stringify(line)).join('\n')
  return { path: `/v1/events?batch_id=${randomBytes(8).toString('hex')}&events=${count}`, body }
}

test('from a signed batch to Results, to the stream of every SDK, and out of force again', async () => {
  const { tenantId, policyId, mitigationId, signer } = await setUp()
  const send = (outgoing: Outgoing) => sendRaw(server.url, signed(server.url, signer, outgoing))
  const stream = await openRaw(server.url, signed(server.url, signer, { path: '/v1/stream?since=0' }))
  const deltas: MitigationDelta[] = []
  const parser = new EventParser()
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    for (const { event, data } of parser.push(chunk)) {
      if (event === 'mitigation') deltas.push(JSON.parse(data.slice(data.indexOf(' ') + 1)))
    }
  })
  const { revision } = JSON.parse((await send({ path: '/v1/bundle' })).text)
  expect((await send(batchOf(4, revision))).status).toBe(202)
  expect((await send(batchOf(3, revision))).status).toBe(202)
  await waitUntil(() => deltas.length === 1, { everyMs: 5 })
  expect(deltas[0]).toMatchObject({ kind: 'upsert', mitigation: { policy_id: policyId, counting_scope: 'tenant' } })

  const counts = await waitUntil(async () => {
    const { items } = (await owner.get(`/tenants/${tenantId}/results/policies`)).body
    return items.find((item: { matched_count: number }) => item.matched_count === 7)
  })
  expect(counts).toMatchObject({ policy_id: policyId, total: 3, block_count: 3, enforced_count: 0, closest_n: 7 })

  const at = `/tenants/${tenantId}`
  expect((await owner.patch(`${at}/mitigations/${mitigationId}`, { mode: 'Monitor' })).status).toBe(200)
  await waitUntil(() => deltas.length === 2)
  expect(deltas[1]).toMatchObject({ kind: 'remove', removal: { policy_id: policyId } })
  expect((await send(batchOf(2, revision))).status).toBe(202)
  const after = await waitUntil(async () => {
    const { items } = (await owner.get(`/tenants/${tenantId}/results/policies`)).body
    return items.find((item: { matched_count: number }) => item.matched_count === 9)
  })
  expect(after).toMatchObject({ total: 5, block_count: 3, observe_count: 2, closest_n: 9 })
  stream.destroy()
})
