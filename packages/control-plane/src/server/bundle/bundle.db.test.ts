import { createDecipheriv } from 'node:crypto'
import { type Bundle, preparePolicySet, type SealedKey } from '@esper/core'
import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firstOf, type Operator, problemOf } from '../testing/operator.js'
import { type Pulled, pullBundle } from '../testing/pull-bundle.js'
import { holderOf, type IssuedKey, type KeyHolder } from '../testing/sign.js'
import { startServer, type TestServer } from '../testing/start-server.js'

const database = useDatabase()
const clock = { ms: Date.now() }
const now = () => clock.ms
let server: TestServer
let owner: Operator
let tenantId: string
let at: string

beforeAll(async () => {
  server = await startServer({ database, now })
  owner = await server.operator('Olga')
})
afterAll(() => server.stop())

async function newTenant(name: string): Promise<void> {
  const tenant = await owner.make('/tenants', { name })
  tenantId = tenant.tenant_id
  at = `/tenants/${tenantId}`
}

const issue = (body: object): Promise<IssuedKey> => owner.make(`${at}/api-keys`, body)

const pull = (holder: KeyHolder, ifNoneMatch?: string): Promise<Pulled> => pullBundle(server, holder, ifNoneMatch)

/** Opens a sealed key as an SDK does. */
function openSealed(holder: KeyHolder, bundle: Bundle, { purpose, key_id, sealed }: SealedKey): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', holder.derive('bundleSeal'), bytes.subarray(0, 12), {
    authTagLength: 16,
  })
  decipher.setAAD(Buffer.from(`${bundle.tenant_id}|${bundle.source_id}|${purpose}|${key_id}`))
  decipher.setAuthTag(bytes.subarray(-16))
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('base64url')
}

function sharedKeys(holder: KeyHolder, { bundle }: Pulled): Record<string, string> {
  return Object.fromEntries(bundle.keys.map((key) => [key.purpose, openSealed(holder, bundle, key)]))
}

describe('a bundle', () => {
  let key: IssuedKey
  let holder: KeyHolder

  beforeAll(async () => {
    await newTenant('Bundle')
    key = await issue({ name: 'shop', source_id: 'web', trust_level: 'Internal' })
    holder = holderOf(key, now)
  })

  it('holds what is enabled, ready to decide, for its source alone', async () => {
    const action = await owner.make(`${at}/actions`, { name: 'login', expression: 'request_path = "/login"' })
    await owner.make(`${at}/actions`, { name: 'off', expression: 'query.page = "1"', enabled: false })
    const entity = await owner.make(`${at}/entity-definitions`, {
      name: 'account',
      key_fields: ['source_id', 'request_header_x_account', 'body->account->id'],
      match_expression: '$exists(body.account.id)',
    })
    const mitigation = await owner.make(`${at}/mitigations`, {
      name: 'slow',
      mode: 'Block',
      response: { status: 429, retry_after: 'auto' },
    })
    const policy = await owner.make(`${at}/policies`, {
      name: 'stuffing',
      expression: 'request_method = "POST"',
      action_ids: [action.action_id],
      entity_definition_id: entity.entity_definition_id,
      mitigation_id: mitigation.mitigation_id,
      window: { seconds: 60, threshold: 5, distinct: 'cookies.session_id' },
    })
    await owner.patch(at, { watch_fields: ['query.campaign'], clear_cookies: ['theme'] })
    const { bundle } = await pull(holder)
    expect(bundle).toMatchObject({
      format: 1,
      tenant_id: tenantId,
      source_id: 'web',
      trust_level: 'Internal',
      counting_scope: 'tenant',
      epoch: 1,
      enforcement: 'on',
      clear_cookies: ['theme'],
      actions: [{ name: 'login' }],
      mitigations: [{ mode: 'Block', duration_seconds: 300, response: { status: 429, retry_after: 'auto' } }],
      policies: [{ policy_id: policy.policy_id, revision: 1, window: { seconds: 60, threshold: 5 } }],
      demand: {
        headers: expect.arrayContaining(['x-account']),
        query: ['campaign'],
        cookies: expect.arrayContaining(['session_id']),
        body: expect.arrayContaining(['account.id']),
      },
    })
    expect(bundle.entity_definitions.map(({ name }) => name).sort()).toEqual([
      'account',
      'bot-crawlers',
      'ip-user-agent',
    ])
    expect(bundle.not_after - now()).toBeGreaterThan(12 * 3_600_000 - 1)
    expect(bundle.not_after - now()).toBeLessThanOrEqual(24 * 3_600_000)
    const set = preparePolicySet(bundle)
    expect(set.problems).toEqual([])
    expect(set.policies.map(({ outcome }) => outcome)).toEqual(['block'])
  })

  it('is the same until something in it changes, and then says so', async () => {
    const first = await pull(holder)
    expect(await pull(holder, first.etag)).toMatchObject({ status: 304, etag: first.etag })
    const { items } = (await owner.get(`${at}/actions`)).body
    const action = firstOf(items.filter(({ name }) => name === 'login'))
    await owner.patch(`${at}/actions/${action.action_id}`, { description: 'No bundle holds this.' })
    expect((await pull(holder, first.etag)).status).toBe(304)
    await owner.patch(`${at}/actions/${action.action_id}`, { expression: 'request_path = "/sign-in"' })
    const second = await pull(holder, first.etag)
    expect(second.status).toBe(200)
    expect(second.bundle.revision).toBe(first.bundle.revision + 1)
    expect(second.etag).not.toBe(first.etag)
  })

  it('is issued again at half its life, so that nothing ever expires of itself', async () => {
    const first = await pull(holder)
    clock.ms += 12 * 3_600_000
    const later = await pull(holder, first.etag)
    expect(later.status).toBe(200)
    expect(later.bundle.revision).toBe(first.bundle.revision)
    expect(later.bundle.not_after).toBe(first.bundle.not_after + 12 * 3_600_000)
    expect(later.bundle.not_after - now()).toBeGreaterThanOrEqual(12 * 3_600_000)
    owner = await server.operator('Olga')
  })

  it('says when the tenant enforces nothing', async () => {
    await owner.patch(at, { enforcement: 'monitor' })
    expect((await pull(holder)).bundle.enforcement).toBe('monitor')
    await owner.patch(at, { enforcement: 'on' })
  })

  it('shares its keys with the sources it counts with, and with no other', async () => {
    const second = holderOf(await issue({ name: 'second', source_id: 'web', trust_level: 'Internal' }), now)
    const trusted = holderOf(await issue({ name: 'app', source_id: 'app', trust_level: 'Trusted' }), now)
    const partner = holderOf(await issue({ name: 'partner', source_id: 'partner' }), now)
    const rival = holderOf(await issue({ name: 'rival', source_id: 'rival' }), now)
    const own = sharedKeys(holder, await pull(holder))
    expect(Object.keys(own).sort()).toEqual(['challenge', 'clearance', 'entity', 'redaction'])
    expect(new Set(Object.values(own)).size).toBe(4)
    expect(sharedKeys(second, await pull(second))).toEqual(own)
    expect(sharedKeys(trusted, await pull(trusted))).toEqual(own)
    const partners = sharedKeys(partner, await pull(partner))
    const rivals = sharedKeys(rival, await pull(rival))
    const all = [own, partners, rivals].flatMap((keys) => Object.values(keys))
    expect(new Set(all).size).toBe(12)
    expect((await pull(partner)).bundle.counting_scope).toBe('source:partner')

    const answer = await server.internal(`/tenants/${tenantId}/scopes/source%3Apartner/keys`)
    const engine: unknown = await answer.json()
    expect(engine).toMatchObject({ counting_scope: 'source:partner', keys: expect.any(Array) })
    expect(JSON.stringify(engine)).toContain(partners.entity)
  })

  it('is immutable by its number', async () => {
    const text = async (revision: string | number) =>
      (await server.internal(`/tenants/${tenantId}/policy-sets/${revision}`)).text()
    const { bundle } = await pull(holder)
    const before = await text(bundle.revision)
    expect(await text('latest')).toBe(before)
    await owner.make(`${at}/policies`, { name: 'another', expression: 'true' })
    expect(await text(bundle.revision)).toBe(before)
    expect(JSON.parse(await text('latest')).revision).toBe(bundle.revision + 1)
    expect((await server.internal(`/tenants/${tenantId}/policy-sets/999`)).status).toBe(404)
    expect((await server.internal(`/tenants/${tenantId}/policy-sets/x`)).status).toBe(422)
    expect((await server.internal('/tenants/ten_00000000000000000000/scopes/tenant/keys')).status).toBe(404)
    expect((await server.internal(`/tenants/${tenantId}/scopes/all/keys`)).status).toBe(422)
  })

  it('that would be too large is refused at save, and nothing is lost', async () => {
    await newTenant('Large')
    const { body } = await owner.get(`${at}/revisions`)
    const at_ = new Date()
    const rows = Array.from({ length: 2_200 }, (_, index) => ({
      _id: `act_large${index}`,
      action_id: `act_large${index}`,
      tenant_id: tenantId,
      name: `large ${index}`,
      description: '',
      enabled: true,
      expression: `request_path = "${String(index).padEnd(3_900, 'x')}"`,
      created_at: at_,
      updated_at: at_,
    }))
    await database.connection().collection<(typeof rows)[number]>('actions').insertMany(rows)
    const answer = await owner.post(`${at}/policies`, { name: 'one more', expression: 'true' })
    expect(problemOf(answer)).toMatchObject({ status: 422, code: 'bundle_too_large' })
    expect((await owner.get(`${at}/policies`)).body.items).toEqual([])
    expect((await owner.get(`${at}/revisions`)).body).toEqual(body)
  })
})
