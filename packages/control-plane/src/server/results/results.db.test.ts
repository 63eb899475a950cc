import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMitigationClient, type MitigationClient } from '../../clients/mitigation-client.js'
import type { DecisionRecord } from '../../contract/mitigation.js'
import type { ReleaseRecord } from '../../contract/operator.js'
import { createIngestionBrokerModules } from '../../ingestion-broker/module.js'
import { createMitigationBrokerModules } from '../../mitigation-broker/module.js'
import { type RunningRole, startRole } from '../../pipeline-testing/start-role.js'
import { firstOf, type Operator, problemOf } from '../testing/operator.js'
import { startServer, type TestServer } from '../testing/start-server.js'

const database = useDatabase()
const brokers: RunningRole[] = []
let server: TestServer
let broker: MitigationClient
let owner: Operator
let tenantId: string
let at: string
let policyId: string
let mitigationId: string

beforeAll(async () => {
  server = await startServer({ database })
  const { config } = server
  brokers.push(await startRole(createMitigationBrokerModules, { config, role: 'mitigation-broker' }))
  brokers.push(await startRole(createIngestionBrokerModules, { config, role: 'ingestion-broker' }))
  broker = createMitigationClient({ url: config.mitigationBrokerUrl, serviceToken: config.serviceToken })
  owner = await server.operator('Olga')
  tenantId = (await owner.make('/tenants', { name: 'Acme' })).tenant_id
  at = `/tenants/${tenantId}`
  mitigationId = (await owner.make(`${at}/mitigations`, { name: 'stop', mode: 'Block' })).mitigation_id
  const body = { name: 'rule', expression: 'true', mitigation_id: mitigationId, window: { seconds: 60, threshold: 5 } }
  policyId = (await owner.make(`${at}/policies`, body)).policy_id
})
afterAll(async () => {
  await broker.close()
  await server.stop()
  for (const running of brokers) await running.stop()
})

const minute = Math.floor(Date.now() / 60_000) * 60_000 - 120_000

function decision(number: number, more: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    decision_id: `dec_${number}`,
    tenant_id: tenantId,
    source_id: 'web',
    event_id: `evt_${number}`,
    policy_id: policyId,
    policy_revision: 1,
    revision: 3,
    outcome: 'block',
    enforced: true,
    cleared: false,
    shadowed: false,
    origin: 'policy',
    counting_scope: 'tenant',
    entity_key: 'key',
    entity: [
      ['client_ip', '203.0.113.7'],
      ['user_agent', null],
    ],
    n: number,
    observed_at: minute + number * 1_000,
    decided_at: minute + number * 1_000 + 50,
    ...more,
  }
}

async function publish(publication: string, more: object = {}): Promise<void> {
  await broker.publish({
    publication_id: publication,
    tenant_id: tenantId,
    decisions: [],
    matched: [],
    mitigations: [],
    counters: [],
    ...more,
  })
}

describe('results', () => {
  beforeAll(async () => {
    await publish('p1', {
      decisions: [decision(5), decision(6), decision(7, { outcome: 'observe', enforced: false })],
      matched: [
        { policy_id: policyId, minute, matched: 9, not_captured: 2, closest_n: 7, last_matched_at: minute + 7_000 },
      ],
      counters: [{ minute, name: 'events', value: 12 }],
    })
  })

  it('say what each policy did, and what it is now', async () => {
    const { body } = await owner.get(`${at}/results/policies`)
    expect(body).toMatchObject({ events: 12, next_cursor: null })
    expect(body.items).toEqual([
      {
        policy_id: policyId,
        name: 'rule',
        enabled: true,
        mode: 'Block',
        total: 3,
        observe_count: 1,
        challenge_count: 0,
        block_count: 2,
        enforced_count: 2,
        cleared_count: 0,
        shadowed_count: 0,
        exempt_count: 0,
        matched_count: 9,
        not_captured_count: 2,
        closest_n: 7,
        threshold: 5,
        last_matched_at: new Date(minute + 7_000).toISOString(),
      },
    ])
  })

  it('show a policy that did nothing as zeros', async () => {
    const from = new Date(minute - 7_200_000).toISOString()
    const to = new Date(minute - 3_600_000).toISOString()
    const { body } = await owner.get(`${at}/results/policies?from=${from}&to=${to}`)
    expect(body).toMatchObject({ from, to, events: 0, items: [{ total: 0, closest_n: null, last_matched_at: null }] })
  })

  it('name each recent decision with its event, entity and revision', async () => {
    const { body } = await owner.get(`${at}/results/policies/${policyId}?limit=2`)
    expect(body).toMatchObject({ total: 3, name: 'rule', next_cursor: expect.any(String) })
    expect(body.decisions[1]).toEqual({
      decision_id: 'dec_6',
      event_id: 'evt_6',
      source_id: 'web',
      policy_id: policyId,
      policy_revision: 1,
      revision: 3,
      outcome: 'block',
      enforced: true,
      cleared: false,
      shadowed: false,
      exemption_id: null,
      origin: 'policy',
      entity_definition_id: null,
      entity: [
        ['client_ip', '203.0.113.7'],
        ['user_agent', null],
      ],
      n: 6,
      observed_at: new Date(minute + 6_000).toISOString(),
      decided_at: new Date(minute + 6_050).toISOString(),
    })
    const rest = await owner.get(`${at}/results/policies/${policyId}?limit=2&cursor=${body.next_cursor}`)
    expect(rest.body.decisions).toMatchObject([{ decision_id: 'dec_5' }])
  })

  it('add up over time', async () => {
    const { body } = await owner.get(`${at}/results/series?policy_id=${policyId}`)
    const sum = (name: 'observe' | 'challenge' | 'block') => body.items.reduce((total, item) => total + item[name], 0)
    expect([sum('observe'), sum('challenge'), sum('block')]).toEqual([1, 0, 2])
  })

  it.each([
    ['from=yesterday', { from: 'invalid_format' }],
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', { from: 'invalid_span' }],
    ['from=2020-01-01T00:00:00Z', { from: 'invalid_span' }],
    ['policy_id[$ne]=x', { 'policy_id[$ne]': 'unknown_field' }],
  ])('with ?%s are refused', async (query, errors) => {
    expect(problemOf(await owner.get(`${at}/results/series?${query}`))).toEqual({
      status: 422,
      code: 'validation_failed',
      errors,
    })
  })
})

describe('active mitigations', () => {
  const hold = (publication: string, entity_key: string, entity_values = '[["client_ip","203.0.113.7"]]') =>
    publish(publication, {
      mitigations: [
        {
          policy_id: policyId,
          mitigation_id: mitigationId,
          counting_scope: 'tenant',
          entity_key,
          entity: [['client_ip', '203.0.113.7']],
          entity_values,
          since: Date.now(),
          expires_at: Date.now() + 300_000,
          revision: 3,
        },
      ],
    })
  const held = async () => (await owner.get(`${at}/active-mitigations?policy_id=${policyId}`)).body.items

  it('are listed with whom they hold, and released once, on record', async () => {
    await hold('h1', 'one')
    const item = firstOf(await held())
    expect(item).toMatchObject({
      policy_id: policyId,
      entity: [['client_ip', '203.0.113.7']],
      counting_scope: 'tenant',
    })
    const path = `${at}/active-mitigations/${item.active_mitigation_id}`
    const stranger = await server.operator('Mallory')
    const other = await stranger.make('/tenants', { name: 'Elsewhere' })
    const foreign = `/tenants/${other.tenant_id}/active-mitigations/${item.active_mitigation_id}`
    expect((await stranger.delete(foreign)).status).toBe(404)
    expect(await held()).toHaveLength(1)
    expect((await owner.delete(path)).status).toBe(204)
    expect(await held()).toEqual([])
    expect((await owner.delete(path)).status).toBe(404)
    const { body: audit } = await owner.get(`${at}/audit?limit=1`)
    expect(audit.items[0]).toMatchObject({
      action: 'active_mitigation.release',
      resource_id: item.active_mitigation_id,
      actor: { name: 'Olga' },
    })
  })

  it.each([
    ['an hour', 3_600],
    ['for good', null],
  ])('are released and exempted for %s, on record', async (what, seconds) => {
    await hold(`x ${what}`, `exempt ${what}`)
    const { active_mitigation_id: id } = firstOf(await held())
    const { status, body } = await owner.post(`${at}/active-mitigations/${id}/release`, {
      exempt: { for_seconds: seconds, note: 'It is the office.' },
    })
    expect([status, body]).toMatchObject([
      200,
      {
        active_mitigation_id: id,
        exemption: {
          name: `203.0.113.7 (${id.slice(-6)})`,
          note: 'It is the office.',
          expression: 'client_ip = "203.0.113.7" and trust_level != "External"',
          created_by: { name: 'Olga' },
        },
      },
    ])
    const { exemption_id } = (body as ReleaseRecord).exemption ?? {}
    const { body: exemption } = await owner.get(`${at}/exemptions/${exemption_id}`)
    const leftSeconds = exemption.expires_at && (Date.parse(exemption.expires_at) - Date.now()) / 1_000
    if (seconds === null) expect(leftSeconds).toBeNull()
    else expect(Math.abs(Number(leftSeconds) - seconds)).toBeLessThan(60)
    expect(await held()).toEqual([])
    const { body: audit } = await owner.get(`${at}/audit?limit=2`)
    expect(audit.items.map(({ action }) => action)).toEqual(['active_mitigation.release', 'exemption.create'])
    expect(audit.items[0]).toMatchObject({ resource_id: id, after: { exemption_id } })
  })

  it('are released without an exemption where none is asked for, and exempt nobody whom they do not hold', async () => {
    await hold('plain', 'plain')
    const { active_mitigation_id: id } = firstOf(await held())
    const before = (await owner.get(`${at}/exemptions`)).body.items.length
    const path = `${at}/active-mitigations/${id}/release`
    for (const body of [{ exempt: { for_seconds: 0 } }, { exempt: {} }, { exempt: { for_seconds: 60, all: true } }]) {
      expect((await owner.post(path, body)).status).toBe(422)
    }
    expect((await owner.post(path, {})).body).toEqual({ active_mitigation_id: id, exemption: null })
    const again = await owner.post(path, { exempt: { for_seconds: 60 } })
    expect(problemOf(again)).toMatchObject({ status: 404, code: 'not_found' })
    await hold('long', 'long', JSON.stringify([['user_agent', { what: 'an object' }]]))
    const { active_mitigation_id: other } = firstOf(await held())
    const refused = await owner.post(`${at}/active-mitigations/${other}/release`, { exempt: { for_seconds: null } })
    expect(problemOf(refused)).toMatchObject({ status: 422, errors: { exempt: 'not_exemptible' } })
    expect((await owner.get(`${at}/exemptions`)).body.items).toHaveLength(before)
    expect(await held()).toHaveLength(1)
    await owner.delete(`${at}/active-mitigations/${other}`)
  })

  it.each([
    [
      'the policy is disabled',
      () => owner.patch(`${at}/policies/${policyId}`, { enabled: false }),
      () => owner.patch(`${at}/policies/${policyId}`, { enabled: true }),
    ],
    [
      'the mitigation is set to Monitor',
      () => owner.patch(`${at}/mitigations/${mitigationId}`, { mode: 'Monitor' }),
      () => owner.patch(`${at}/mitigations/${mitigationId}`, { mode: 'Block' }),
    ],
    [
      'the policy loses its mitigation',
      () => owner.patch(`${at}/policies/${policyId}`, { mitigation_id: null }),
      () => owner.patch(`${at}/policies/${policyId}`, { mitigation_id: mitigationId }),
    ],
  ])('end when %s', async (what, end, undo) => {
    const { body: revisions } = await owner.get(`${at}/revisions?limit=1`)
    const revision = firstOf(revisions.items).revision
    await publish(`e ${what}`, {
      mitigations: [
        {
          ...{ policy_id: policyId, mitigation_id: mitigationId, counting_scope: 'tenant', entity_key: what, revision },
          ...{ since: Date.now(), expires_at: Date.now() + 300_000 },
        },
      ],
    })
    expect(await held()).toHaveLength(1)
    expect((await end()).status).toBe(200)
    await waitUntil(async () => (await held()).length === 0, { what: 'the end' })
    expect((await undo()).status).toBe(200)
    await waitUntil(async () => (await database.connection().collection('pending_ends').countDocuments()) === 0)
  })
})

describe('the setup checklist', () => {
  it('follows the quickstart step by step', async () => {
    const tenant = await owner.make('/tenants', { name: 'Fresh' })
    const path = `/tenants/${tenant.tenant_id}`
    const done = async () => {
      const { body } = await owner.get(`${path}/setup`)
      return body.steps.filter((step: { done: boolean }) => step.done).map((step: { id: string }) => step.id)
    }
    expect(await done()).toEqual(['tenant'])
    await owner.make(`${path}/api-keys`, { name: 'app', source_id: 'web' })
    await owner.make(`${path}/actions`, { name: 'login', expression: 'true' })
    await owner.make(`${path}/entity-definitions`, { name: 'who', key_fields: ['user_id'] })
    expect(await done()).toEqual(['tenant', 'api_key', 'action', 'entity'])
    await owner.make(`${path}/mitigations`, { name: 'watch', mode: 'Monitor' })
    await owner.make(`${path}/policies`, { name: 'rule', expression: 'true' })
    expect(await done()).toEqual(['tenant', 'api_key', 'action', 'entity', 'mitigation', 'policy'])
    const { body: sources } = await owner.get(`${path}/sources`)
    expect(sources.items).toEqual([
      {
        source_id: 'web',
        trust_levels: ['External'],
        last_event_at: null,
        sdk: null,
        revision: null,
        instances: 0,
        loss: {},
      },
    ])
  })
})

describe('without its brokers', () => {
  it('the API says what is missing, and goes on with the rest', async () => {
    const alone = await startServer({ database })
    try {
      const answer = await owner.get(`${at}/policies`)
      expect(answer.status).toBe(200)
      const lonely = await fetch(`${alone.url}/api/v1${at}/results/policies`, {
        headers: { authorization: `Bearer ${owner.token}` },
      })
      expect(lonely.status).toBe(503)
      expect(lonely.headers.get('retry-after')).toBe('2')
      expect(await lonely.json()).toMatchObject({ code: 'dependency_unavailable' })
    } finally {
      await alone.stop()
    }
  })
})
