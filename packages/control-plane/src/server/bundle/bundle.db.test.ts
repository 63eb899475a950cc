import { createDecipheriv, createHash, createHmac } from 'node:crypto'
import { type Bundle, checkBundleResponse, preparePolicySet, type SealedKey } from '@esper/core'
import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, problemOf } from '../testing/operator.js'
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

interface Pulled {
  readonly status: number
  readonly etag: string
  readonly bundle: Bundle
}

async function pull(holder: KeyHolder, ifNoneMatch?: string): Promise<Pulled> {
  const headers = ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }
  const response = await holder.get(`${server.url}/v1/bundle`, headers)
  const body = Buffer.from(await response.arrayBuffer())
  const etag = response.headers.get('etag') ?? ''
  if (response.status === 200) expectSigned(response, body, holder)
  return { status: response.status, etag, bundle: response.status === 200 ? JSON.parse(body.toString()) : undefined }
}

function expectSigned(response: Response, body: Buffer, holder: KeyHolder): void {
  const checked = checkBundleResponse({
    headers: Object.fromEntries(response.headers),
    response: {
      status: response.status,
      contentDigest: response.headers.get('content-digest') ?? '',
      contentType: response.headers.get('content-type') ?? '',
      etag: response.headers.get('etag') ?? '',
    },
    bodySha256: createHash('sha256').update(body).digest('base64'),
    keyid: holder.keyId,
    mac: (text) => createHmac('sha256', holder.derive('bundleSigning')).update(text).digest('base64'),
  })
  expect(checked.ok).toBe(true)
}

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
    const action = items.find(({ name }: { name: string }) => name === 'login')
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

describe('an API key', () => {
  beforeAll(() => newTenant('Keys'))

  it('shows its secret once and keeps it nowhere', async () => {
    const made: IssuedKey & { fingerprint: string } = await owner.make(`${at}/api-keys`, {
      name: 'made',
      source_id: 'web',
    })
    expect(made).toMatchObject({
      secret: expect.stringMatching(/^esk_[A-Za-z0-9_-]{43}$/),
      key_id: `${made.api_key_id}.1`,
      trust_level: 'External',
      fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
      last_used_at: null,
    })
    const own = 'correct-horse-battery-staple-0123456789'
    const given: IssuedKey = await owner.make(`${at}/api-keys`, { name: 'given', source_id: 'web', secret: own })
    expect(given.secret).toBe(own)
    const shown = await owner.get(`${at}/api-keys/${made.api_key_id}`)
    expect(Object.keys(shown.body)).not.toContain('secret')
    expect((await pull(holderOf(made, now))).status).toBe(200)
    const dump = await everythingStored()
    for (const key of [made, given]) {
      const derived = holderOf(key).derive('ingestSigning')
      for (const text of [
        key.secret,
        derived.toString('base64url'),
        derived.toString('hex'),
        derived.toString('base64'),
      ]) {
        expect(dump).not.toContain(text)
      }
    }
    expect(dump).not.toContain(owner.token)
    const { body: audit } = await owner.get(`${at}/audit`)
    expect(JSON.stringify(audit)).not.toMatch(/esk_|correct-horse|wrapped|"secret"/)
    expect(audit.items[0]).toMatchObject({ action: 'api_key.create', after: { name: 'given', source_id: 'web' } })
  })

  it('notes when it was used', async () => {
    const key = await issue({ name: 'used', source_id: 'web' })
    await pull(holderOf(key, now))
    await waitUntil(async () => (await owner.get(`${at}/api-keys/${key.api_key_id}`)).body.last_used_at !== null)
  })

  it('is refused at once when it is revoked, here and on every other server', async () => {
    const second = await startServer({ database, now })
    try {
      const key = await issue({ name: 'revoked', source_id: 'web' })
      const holder = holderOf(key, now)
      const pulls = (url: string) => holder.get(`${url}/v1/bundle`).then(({ status }) => status)
      expect([await pulls(server.url), await pulls(second.url)]).toEqual([200, 200])
      await owner.delete(`${at}/api-keys/${key.api_key_id}`)
      expect(await pulls(server.url)).toBe(401)
      await waitUntil(async () => (await pulls(second.url)) === 401, {
        timeoutMs: 2_000,
        what: 'the refusal elsewhere',
      })
    } finally {
      await second.stop()
    }
  })

  it('takes a new trust level at once', async () => {
    const key = await issue({ name: 'raised', source_id: 'raised' })
    const holder = holderOf(key, now)
    expect((await pull(holder)).bundle.counting_scope).toBe('source:raised')
    await owner.patch(`${at}/api-keys/${key.api_key_id}`, { trust_level: 'Trusted' })
    expect((await pull(holder)).bundle).toMatchObject({ counting_scope: 'tenant', trust_level: 'Trusted' })
  })

  it('goes with its tenant', async () => {
    await newTenant('Short')
    const holder = holderOf(await issue({ name: 'short', source_id: 'web' }), now)
    expect((await pull(holder)).status).toBe(200)
    await owner.delete(at)
    expect((await pull(holder)).status).toBe(401)
  })
})

async function everythingStored(): Promise<string> {
  const connection = database.connection()
  const parts: string[] = []
  for (const { name } of (await connection.db?.listCollections().toArray()) ?? []) {
    parts.push(JSON.stringify(await connection.collection(name).find({}).toArray()))
  }
  return parts.join('\n')
}
