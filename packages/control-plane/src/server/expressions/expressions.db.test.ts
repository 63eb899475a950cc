import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Operator } from '../testing/operator.js'
import { startServer, type TestServer } from '../testing/start-server.js'
import { createTestTenant, type TestTenant } from '../testing/tenant.js'

const database = useDatabase()
let server: TestServer
let owner: Operator
let tenant: TestTenant

beforeAll(async () => {
  server = await startServer({ database })
  owner = await server.operator('Erin')
  tenant = await createTestTenant(owner, 'Expressions')
})
afterAll(() => server.stop())

it('lists functions as plain text, each with an example that the language accepts', async () => {
  const { status, body } = await owner.get(`${tenant.at}/functions`)
  expect(status).toBe(200)
  expect(body).toMatchObject({ next_cursor: null })
  expect(body).toHaveProperty('items', expect.arrayContaining([expect.objectContaining({ form: '$trim(text)' })]))
  expect(JSON.stringify(body)).not.toContain('`')
  for (const { example } of body.items) {
    const checked = await owner.post(`${tenant.at}/expressions/check`, { expression: example })
    expect(checked.body, example).toMatchObject({ ok: true })
  }
})
