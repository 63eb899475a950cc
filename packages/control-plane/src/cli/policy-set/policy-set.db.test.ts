import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createEsper as createSdk } from '@esper/sdk'
import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startServer, type TestServer } from '../../server/testing/start-server.js'
import { createEsper, type Esper } from '../testing/run-esper.js'

const database = useDatabase()
let server: TestServer
let esper: Esper

beforeAll(async () => {
  server = await startServer({ database })
  const { token } = await server.operator('Olga')
  esper = createEsper({ ESPER_URL: server.url, ESPER_OPERATOR_TOKEN: token })
  await esper.json(['tenant', 'create', '--set', 'name=Shop'])
})
afterAll(async () => {
  await server.stop()
  esper.remove()
})

function written(name: string, text: string): string {
  const path = join(esper.home, name)
  writeFileSync(path, text)
  return path
}

const FILE = `esper: 1
actions:
  - name: login
    expression: request_method = "POST" and request_path = "/login"
mitigations:
  - name: stop
    mode: Block
    response: {status: 429}
policies:
  - name: no curl
    expression: $contains(user_agent, /curl/)
    actions: [login]
    entity_definition: ip-user-agent
    mitigation: stop
`

describe('esper apply and diff', () => {
  it('show what a file changes, do it once, and export it again', async () => {
    const file = written('esper.yaml', FILE)
    const diff = await esper.run(['diff', '-f', file], { tty: true, env: { NO_COLOR: '1' } })
    expect(diff).toMatchObject({ code: 3, err: '' })
    expect(diff.out).toBe(
      '+ action "login"\n+ mitigation "stop"\n+ policy "no curl"\n\n3 to create, 0 to change, 0 to delete.\n',
    )
    expect(await esper.run(['apply', '-f', file])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
    expect(await esper.json(['policy', 'list'])).toEqual([])
    expect(await esper.json(['apply', '-f', file, '--yes'])).toMatchObject({ revision: 2 })
    expect(await esper.run(['diff', '-f', file])).toMatchObject({ code: 0 })
    expect(await esper.json(['apply', '-f', file])).toMatchObject({ changes: [], revision: 2 })
    const { out } = await esper.run(['export'])
    expect(parse(out)).toMatchObject({ esper: 1, policies: [{ name: 'no curl', actions: ['login'] }] })
    expect(await esper.run(['apply', '-f', written('exported.yaml', out)], { tty: true })).toMatchObject({
      ...{ code: 0, out: 'Nothing to change.\n' },
    })
    const changed = written('changed.yaml', FILE.replace('429', '403').replace('no curl', 'no curls'))
    const plan = await esper.run(['diff', '-f', changed], { tty: true, env: { NO_COLOR: '1' } })
    expect(plan.out.split('\n')).toEqual([
      '~ mitigation "stop"',
      '    response: {"status":429} -> {"status":403}',
      '+ policy "no curls"',
      '- policy "no curl"',
      '',
      '1 to create, 1 to change, 1 to delete.',
      '',
    ])
  })
})

describe('a file with faults', () => {
  it.each([
    ['a name of nothing', FILE.replace('[login]', '[login, gone]'), ':12:22  policies.0.actions.1  names no action'],
    ['an expression', FILE.replace('"/login"', '"/login" and'), ':4:5  actions.0.expression  '],
    [
      'an unknown field',
      FILE.replace('mode: Block', 'mode: Block\n    moed: Block'),
      ':8:5  mitigations.0.moed  is not a',
    ],
    ['a missing field', FILE.replace('    mode: Block\n', ''), ':6:5  mitigations.0.mode  is required'],
    ['another version', FILE.replace('esper: 1', 'esper: 9'), ':1:1  esper  must be 1'],
    ['broken YAML', FILE.replace('[login]', '[login'), ':13:5  '],
  ])('says where %s is, at the server as without one', async (_what, text, place) => {
    const file = written('faulty.yaml', text)
    const offline = { env: { ESPER_URL: '', ESPER_OPERATOR_TOKEN: '' } }
    const runs = [
      await esper.run(['validate', '-f', file], offline),
      await esper.run(['diff', '-f', file]),
      await esper.run(['bundle', 'build', file], offline),
    ]
    for (const { code, out, err } of runs) {
      expect([code, out]).toEqual([1, ''])
      expect(err).toContain(`${file}${place}`)
    }
  })
})

describe('esper validate, schema and bundle build', () => {
  it('need no server', async () => {
    const offline = { env: { ESPER_URL: '', ESPER_OPERATOR_TOKEN: '' } }
    expect(await esper.json(['validate', '-f', written('fine.yaml', FILE)], offline)).toEqual({
      valid: true,
      policies: 1,
    })
    const schema = await esper.json(['schema'], offline)
    expect(schema).toMatchObject({ type: 'object', required: ['esper'], additionalProperties: false })
    expect(Object(schema).properties.policies.items.properties).toHaveProperty('entity_definition')
  })

  it('make a bundle with which the SDK decides', async () => {
    const out = join(esper.home, 'esper.bundle.json')
    await esper.json(['bundle', 'build', written('fine.yaml', FILE), '--out', out, '--source-id', 'web'])
    const sdk = createSdk({ bundle: out })
    try {
      const ask = async (userAgent: string) => {
        const request = new Request('http://shop.example/login', {
          method: 'POST',
          headers: { 'user-agent': userAgent },
        })
        return (await sdk.respond(request, () => new Response('welcome'))).status
      }
      expect([await ask('curl/8'), await ask('Mozilla/5.0')]).toEqual([429, 200])
    } finally {
      await sdk.close()
    }
    const again = await esper.run(['bundle', 'build', written('fine.yaml', FILE), '--out', '-', '--source-id', 'web'])
    const content = (text: string) => ({ ...JSON.parse(text).content, built_at: 0 })
    expect(content(again.out)).toEqual(content(readFileSync(out, 'utf8')))
  })
})
