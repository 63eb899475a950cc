import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { useDatabase } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../../server/testing/start-server.js'
import { createEsper, type Esper } from '../testing/run-esper.js'
import { RESOURCES } from './resources.js'

const database = useDatabase()
let server: TestServer
let esper: Esper

beforeAll(async () => {
  server = await startServer({ database })
  const { token } = await server.operator('Olga')
  esper = createEsper({ ESPER_URL: server.url })
  const ran = await esper.run(['auth', 'login', '--token'], { input: `${token}\n` })
  expect(ran).toMatchObject({ code: 0, err: '' })
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

describe('esper auth', () => {
  it('says who is signed in, and as text for people', async () => {
    expect(await esper.json(['auth', 'status'])).toMatchObject({
      url: server.url,
      profile: 'default',
      user: { name: 'Olga' },
      memberships: [{ slug: 'shop', role: 'Owner' }],
    })
    const { out } = await esper.run(['auth', 'status'], { tty: true })
    expect(out).toContain('User     Olga')
    expect(out).toContain('shop  Shop (Owner)')
  })

  it('refuses what is no token, and one that the server does not know, and keeps the one it has', async () => {
    expect(await esper.run(['auth', 'login', '--token'], { input: 'hunter2' })).toMatchObject({ code: 2 })
    const unknown = await esper.run(['auth', 'login', '--token'], { input: `eop_${'A'.repeat(43)}` })
    expect([unknown.code, unknown.err]).toEqual([4, expect.stringContaining('(unauthenticated)')])
    expect((await esper.run(['auth', 'status'])).code).toBe(0)
  })

  it('signs out', async () => {
    const other = createEsper({ ESPER_URL: server.url })
    const { token } = await server.operator('Otto')
    await other.run(['auth', 'login', '--token'], { input: token })
    await other.run(['auth', 'logout'])
    expect(await other.run(['auth', 'status'])).toMatchObject({ code: 4 })
    expect(await other.json(['auth', 'status'], { env: { ESPER_OPERATOR_TOKEN: token } })).toMatchObject({
      user: { name: 'Otto' },
      memberships: [],
    })
    const lost = await other.run(['policy', 'list'], { env: { ESPER_OPERATOR_TOKEN: token } })
    expect([lost.code, lost.err]).toEqual([5, expect.stringContaining('esper tenant create')])
    other.remove()
  })
})

describe.each(RESOURCES.filter(({ command }) => command !== 'member').map((spec) => [spec.command, spec] as const))(
  'esper %s',
  (command, spec) => {
    it('creates its own template, lists, shows, changes and deletes it', async () => {
      const { out: template } = await esper.run([command, 'create', '--template'])
      const file = written('template.yaml', template.replace('slug: shop', 'slug: shop-of-the-template'))
      const [nameField = ''] = spec.nameFields
      const created = await esper.json([command, 'create', '-f', file])
      expect(created).toMatchObject({ [spec.idField]: expect.any(String) })
      const { [spec.idField]: id, [nameField]: name } = Object(created)
      expect(await esper.json([command, 'list'])).toContainEqual(expect.objectContaining({ [spec.idField]: id }))
      expect(await esper.json([command, 'show', name])).toMatchObject({ [spec.idField]: id })
      const table = await esper.run([command, 'list'], { tty: true })
      expect(table).toMatchObject({ code: 0, out: expect.stringContaining(name) })
      if (spec.verbs.includes('update')) {
        expect(await esper.json([command, 'update', id, '--set', 'name=Renamed'])).toMatchObject({ name: 'Renamed' })
      }
      expect(await esper.run([command, 'delete', id])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
      expect(await esper.json([command, 'delete', id, '--yes'])).toEqual({ [spec.idField]: id, deleted: true })
      expect(await esper.run([command, 'show', id])).toMatchObject({ code: 5 })
    })
  },
)

describe('esper member', () => {
  it('invites, changes the role and removes, by e-mail address', async () => {
    await esper.json(['member', 'create', '--set', 'email=Lea@example.com', '--set', 'role=Viewer'])
    expect(await esper.json(['member', 'update', 'lea@example.com', '--set', 'role=Analyst'])).toMatchObject({
      role: 'Analyst',
    })
    expect(await esper.json(['member', 'delete', 'lea@example.com', '--yes'])).toMatchObject({ deleted: true })
  })
})

describe('a document', () => {
  it('names what it refers to, and --set adds to it', async () => {
    await esper.json(['action', 'create', '--set', 'name=login', '--set', 'expression=true'])
    await esper.json(['mitigation', 'create', '--set', 'name=stop', '--set', 'mode=Block'])
    const file = written(
      'policy.yaml',
      'name: P\nexpression: "true"\nactions: [login]\nwindow: {seconds: 60, threshold: 5}\n',
    )
    const set = ['--set', 'mitigation=stop', '--set', 'window.threshold=7', '--set', 'entity_definition=ip-user-agent']
    expect(await esper.json(['policy', 'create', '-f', file, ...set])).toMatchObject({
      action_ids: [expect.stringMatching(/^act_/)],
      mitigation_id: expect.stringMatching(/^mit_/),
      window: { seconds: 60, threshold: 7 },
    })
    const { out } = await esper.run(['policy', 'list'], { tty: true })
    expect(out).toMatch(/P +yes +login +ip-user-agent +7 in 60 s +stop/)
    expect((await esper.run(['policy', 'show', 'P'], { tty: true })).out).toContain('mitigation: stop')
    expect(await esper.json(['policy', 'update', 'P', '--set', 'window=null'])).toMatchObject({ window: null })
    await esper.json(['policy', 'delete', 'P', '--yes'])
  })

  it('comes from standard input, and as JSON', async () => {
    const input = JSON.stringify({ name: 'piped', expression: 'true' })
    expect(await esper.json(['action', 'create', '-f', '-'], { input })).toMatchObject({ name: 'piped' })
  })

  it('is answered with the line and the column of what is wrong', async () => {
    const file = written(
      'broken.yaml',
      'name: Q\nexpression: user_agent and\nactions:\n  - login\nwindow:\n  seconds: 60\n  threshold: 0\nprio: 3\n',
    )
    const ran = await esper.run(['policy', 'create', '-f', file])
    expect(ran.code).toBe(1)
    expect(ran.err.split('\n').slice(1)).toEqual([
      `  ${file}:7:3  window.threshold  must be at least 1`,
      `  ${file}:8:1  prio  is not a field of this resource`,
      '',
    ])
    const unknown = written('unknown.yaml', 'name: Q\nexpression: "true"\nactions:\n  - login\n  - logout\n')
    expect((await esper.run(['policy', 'create', '-f', unknown])).err).toContain(
      `${unknown}:5:5  actions.1  names nothing`,
    )
    const malformed = written('malformed.yaml', 'name: Q\n  expression: x\n')
    expect((await esper.run(['policy', 'create', '-f', malformed])).err).toMatch(/malformed\.yaml:\d:\d+/)
    const twice = written('twice.yaml', 'name: Q\nname: R\n')
    expect((await esper.run(['policy', 'create', '-f', twice])).err).toContain('twice.yaml:2:1')
  })

  it.each([
    [['policy', 'create'], 2],
    [['policy', 'create', '-f', 'nowhere.yaml'], 2],
    [['policy', 'create', '--set', 'name'], 2],
    [['policy', 'create', '--set', '=x'], 2],
    [['policy', 'create', '-f', '-'], 1],
    [['policy', 'create', '--bogus'], 2],
    [['policy', 'show'], 2],
    [['policy', 'show', 'nowhere'], 5],
    [['policy', 'list', '--tenant', 'nowhere'], 5],
    [['policy', 'list', '--url', 'http://127.0.0.1:1'], 4],
    [['policy', 'list', '--output', 'xml'], 2],
  ])('%j ends with %i', async (args, code) => {
    const ran = await esper.run(args, { input: '- a list\n' })
    expect([ran.code, ran.out], ran.err).toEqual([code, ''])
    expect(ran.err).not.toBe('')
  })
})

it('prints the secret of a key once, also as lines for an environment', async () => {
  const set = ['--set', 'name=app', '--set', 'source_id=web']
  const { out } = await esper.run(['key', 'create', '--env', ...set])
  expect(out).toMatch(new RegExp(`^ESPER_URL=${server.url}\nESPER_KEY_ID=key_\\w+\\.1\nESPER_SECRET=esk_[\\w-]{43}\n$`))
  expect((await esper.run(['key', 'show', 'app'])).out).not.toContain('esk_')
  const rotated = await esper.run(['key', 'rotate', 'app', '--overlap', '1h'], { tty: true })
  expect(rotated.out).toMatch(
    /^New secret of "app"\.\nShown once.*\n.*\n {2}ESPER_KEY_ID=key_\w+\.2\n {2}ESPER_SECRET=esk_/,
  )
  expect(await esper.run(['key', 'rotate', 'app', '--overlap', 'soon'])).toMatchObject({ code: 2 })
  expect(await esper.run(['key', 'rotate', 'app'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('rotation_under_way'),
  })
  expect(await esper.json(['key', 'revoke', 'app', '--yes'])).toMatchObject({ deleted: true })
})

it('makes a token that may only do what it is for', async () => {
  const { out } = await esper.run(['token', 'create', '--env', '--set', 'name=reader', '--set', 'ttl_days=1'])
  const [, token = ''] = /ESPER_OPERATOR_TOKEN=(eop_.*)/.exec(out) ?? []
  const env = { ESPER_OPERATOR_TOKEN: token }
  expect((await esper.run(['action', 'list'], { env })).code).toBe(0)
  const refused = await esper.run(['action', 'create', '--set', 'name=x', '--set', 'expression=true'], { env })
  expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('(forbidden)')])
  await esper.json(['token', 'revoke', 'reader', '--yes'])
  expect((await esper.run(['action', 'list'], { env })).code).toBe(4)
})

it('prints a line each for programs, and says errors as JSON when JSON was asked for', async () => {
  const { out } = await esper.run(['entity', 'list', '-o', 'ndjson'])
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).name),
  ).toEqual(['ip-user-agent', 'bot-crawlers'])
  const ran = await esper.run([
    'entity',
    'create',
    '-o',
    'json',
    '--set',
    'name=ip-user-agent',
    '--set',
    'key_fields=[client_ip]',
  ])
  expect(JSON.parse(ran.err)).toMatchObject({
    error: { code: 'name_taken', exit_code: 1, findings: [{ path: 'name' }] },
  })
})

it('says when nothing answers', async () => {
  const ran = await esper.run(['policy', 'list'], {
    env: { ESPER_URL: 'http://127.0.0.1:1', ESPER_OPERATOR_TOKEN: `eop_${'A'.repeat(43)}` },
  })
  expect([ran.code, ran.err]).toEqual([6, expect.stringContaining('does not answer')])
})
