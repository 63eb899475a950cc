import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Operator } from '../testing/operator.js'
import { pullBundle } from '../testing/pull-bundle.js'
import { holderOf, type IssuedKey, type KeyHolder } from '../testing/sign.js'
import { startServer, type TestServer } from '../testing/start-server.js'

const database = useDatabase()
let server: TestServer
let owner: Operator
let at: string

beforeAll(async () => {
  server = await startServer({ database })
  owner = await server.operator('Olga')
})
afterAll(() => server.stop())

async function newTenant(name: string): Promise<void> {
  at = `/tenants/${(await owner.make('/tenants', { name })).tenant_id}`
}

const issue = (body: object): Promise<IssuedKey> => owner.make(`${at}/api-keys`, body)
const pull = (holder: KeyHolder) => pullBundle(server, holder)

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
    expect((await pull(holderOf(made))).status).toBe(200)
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
    await pull(holderOf(key))
    await waitUntil(async () => (await owner.get(`${at}/api-keys/${key.api_key_id}`)).body.last_used_at !== null)
  })

  it('is refused at once when it is revoked, here and on every other server', async () => {
    const second = await startServer({ database })
    try {
      const key = await issue({ name: 'revoked', source_id: 'web' })
      const holder = holderOf(key)
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
    const holder = holderOf(key)
    expect((await pull(holder)).bundle.counting_scope).toBe('source:raised')
    await owner.patch(`${at}/api-keys/${key.api_key_id}`, { trust_level: 'Trusted' })
    expect((await pull(holder)).bundle).toMatchObject({ counting_scope: 'tenant', trust_level: 'Trusted' })
  })

  it('goes with its tenant', async () => {
    await newTenant('Short')
    const holder = holderOf(await issue({ name: 'short', source_id: 'web' }))
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
