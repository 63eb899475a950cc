import { useDatabase } from '@esper/testkit'
import { expressionVectors } from '@esper/testkit/vectors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Evaluator } from '../../expressions/index.js'
import { type Operator, problemOf } from '../testing/operator.js'
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
  expect((await owner.post(`${tenant.at}/lists`, { name: 'offices' })).status).toBe(201)
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

describe('POST /expressions/eval', () => {
  const evaluate = async (expression: unknown, input?: unknown, more: object = {}) =>
    owner.post(`${tenant.at}/expressions/eval`, { expression, input, ...more })

  it('gives what the command line gives', async () => {
    const evaluator = new Evaluator()
    for (const [expression, input] of [
      ['request_path = "/login"', { request_path: '/login' }],
      ['body.items.price', { body: { items: [{ price: 1 }, { price: 2 }] } }],
      ['body.none', { body: {} }],
      ['"login" in actions', { actions: ['login'] }],
      ['a > 1', { a: 'x' }],
      ['a =', {}],
      ['$pad(a, 5)', {}],
      ['a', [{ a: 1 }, { a: null }]],
      ['1 + 1', undefined],
    ] as const) {
      const { status, body } = await evaluate(expression, input)
      expect(status).toBe(200)
      expect(body, expression).toEqual(evaluator.evaluate(expression, input))
    }
  })

  it('gives what the published vectors say', async () => {
    for (const { expression, answers } of expressionVectors()) {
      for (const { record, value, error } of answers) {
        const { status, body } = await evaluate(expression, record)
        const wanted =
          error === undefined ? JSON.parse(JSON.stringify({ ok: true, value })) : { ok: false, code: error }
        expect(status).toBe(200)
        expect(body, expression).toMatchObject(wanted)
      }
    }
  })

  it("reads what the tenant's cookies in clear allow", async () => {
    const input = { cookies: { flow: 'a' } }
    expect((await evaluate('cookies.flow = "a"', input)).body).toMatchObject({ code: 'expression_field_redacted' })
    await owner.patch(tenant.at, { clear_cookies: ['flow'] })
    expect((await evaluate('cookies.flow = "a"', input)).body).toEqual({ ok: true, value: true })
    await owner.patch(tenant.at, { clear_cookies: [] })
  })

  it('says what is wrong with the call itself', async () => {
    for (const body of [{}, { expression: 1 }, { expression: 'a', kind: 'x' }, { expression: 'a', record: {} }]) {
      expect(problemOf(await owner.post(`${tenant.at}/expressions/eval`, body))).toMatchObject({ status: 422 })
    }
    expect(problemOf(await evaluate('a', { a: 'x'.repeat(300_000) }))).toMatchObject({ status: 413 })
    const deep = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`)
    expect(problemOf(await evaluate('a', { a: deep }))).toMatchObject({ status: 400, code: 'malformed_json' })
  })
})
