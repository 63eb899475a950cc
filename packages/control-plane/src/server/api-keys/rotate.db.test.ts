import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Operator, problemOf } from '../testing/operator.js'
import { pullBundle } from '../testing/pull-bundle.js'
import { holderOf, type IssuedKey } from '../testing/sign.js'
import { startServer, type TestServer } from '../testing/start-server.js'
import { createTestTenant, type TestTenant } from '../testing/tenant.js'

const database = useDatabase()
const clock = { ms: Date.now() }
let server: TestServer
let owner: Operator
let acme: TestTenant

beforeAll(async () => {
  server = await startServer({ database, now: () => clock.ms })
  owner = await server.operator('Olga')
  acme = await createTestTenant(owner, 'Acme')
})
afterAll(() => server.stop())

const issue = (): Promise<IssuedKey> =>
  owner.make(`${acme.at}/api-keys`, { name: acme.named('key'), source_id: 'web', trust_level: 'Internal' })
const rotate = (key: IssuedKey, body: object = {}) => owner.post(`${acme.at}/api-keys/${key.api_key_id}/rotate`, body)

async function rotated(key: IssuedKey, body: object = {}): Promise<IssuedKey> {
  const { api_key_id, key_id, secret } = Object(await rotate(key, body).then((answer) => answer.body))
  return { api_key_id, key_id, secret }
}

/** Whether the SDK API believes it. */
async function works(key: IssuedKey): Promise<boolean> {
  const { status } = await pullBundle(
    server,
    holderOf(key, () => clock.ms),
  )
  return status === 200
}

describe('rotating an API key', () => {
  it('gives a new secret while the one before goes on until the overlap is over', async () => {
    const first = await issue()
    const second = await rotated(first, { overlap_seconds: 600 })
    expect(second.key_id).toBe(`${first.api_key_id}.2`)
    expect(second.secret).not.toBe(first.secret)
    expect([await works(first), await works(second)]).toEqual([true, true])
    clock.ms += 600_000
    expect([await works(first), await works(second)]).toEqual([false, true])
    expect((await owner.get(`${acme.at}/api-keys/${first.api_key_id}`)).body).toMatchObject({ key_id: second.key_id })
  })

  it('ends every earlier secret at once with an overlap of 0', async () => {
    const first = await issue()
    const second = await rotated(first)
    const third = await rotated(second, { overlap_seconds: 0 })
    expect([await works(first), await works(second), await works(third)]).toEqual([false, false, true])
  })

  it('keeps two secrets live and no third', async () => {
    const first = await issue()
    const second = await rotated(first)
    expect(problemOf(await rotate(first))).toMatchObject({ status: 409, code: 'rotation_under_way' })
    expect([await works(first), await works(second)]).toEqual([true, true])
    clock.ms += 86_400_000
    owner = await server.operator('Olga')
    const third = await rotated(first)
    expect(third.key_id).toBe(`${first.api_key_id}.3`)
    expect([await works(first), await works(second), await works(third)]).toEqual([false, true, true])
  })

  it('takes a secret of the operator, and is on record without it', async () => {
    const own = 'correct-horse-battery-staple-9876543210'
    const first = await issue()
    expect((await rotated(first, { secret: own })).secret).toBe(own)
    const { body } = await owner.get(`${acme.at}/audit?limit=1`)
    expect(body.items[0]).toMatchObject({ action: 'api_key.rotate', resource_id: first.api_key_id })
    expect(JSON.stringify(body.items[0])).not.toContain(own)
  })

  it.each([
    [{ overlap_seconds: -1 }, { overlap_seconds: 'too_small' }],
    [{ overlap_seconds: 2_592_001 }, { overlap_seconds: 'too_big' }],
    [{ secret: 'short' }, { secret: 'too_small' }],
    [{ version: 1 }, { version: 'unknown_field' }],
  ])('%j is refused', async (body, errors) => {
    const problem = problemOf(await rotate(await issue(), body))
    expect(problem).toEqual({ status: 422, code: 'validation_failed', errors })
  })

  it('of another tenant is not there', async () => {
    const other = await createTestTenant(owner, 'Other')
    const key = await issue()
    const answer = await owner.post(`${other.at}/api-keys/${key.api_key_id}/rotate`)
    expect(problemOf(answer)).toMatchObject({ status: 404, code: 'not_found' })
  })
})
