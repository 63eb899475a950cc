import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createEsper } from '../testing/run-esper.js'

const esper = createEsper()
afterEach(() => esper.remove())
const file = join(esper.home, 'profiles.json')

describe('esper profile', () => {
  it('adds, uses, lists and removes', async () => {
    await esper.run(['profile', 'add', 'local', '--url', 'http://127.0.0.1:8080/console/'])
    await esper.run(['profile', 'add', 'prod', '--url', 'https://esper.example.com', '--tenant', 'shop'])
    expect(await esper.json(['profile', 'list'])).toEqual([
      { name: 'local', current: false, url: 'http://127.0.0.1:8080', tenant: null, signed_in: false },
      { name: 'prod', current: true, url: 'https://esper.example.com', tenant: 'shop', signed_in: false },
    ])
    await esper.run(['profile', 'use', 'local'])
    const { out } = await esper.run(['profile', 'list'], { tty: true, env: { NO_COLOR: '1' } })
    expect(out.split('\n').map((line) => line.trimEnd())).toEqual([
      '   NAME   URL                        TENANT  SIGNED IN',
      '*  local  http://127.0.0.1:8080      -       no',
      '   prod   https://esper.example.com  shop    no',
      '',
    ])
    await esper.run(['profile', 'remove', 'prod'])
    expect(await esper.json(['profile', 'list'])).toHaveLength(1)
  })

  it('is kept where nobody else can read it', async () => {
    await esper.run(['profile', 'add', 'local', '--url', 'http://127.0.0.1:8080'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    chmodSync(file, 0o644)
    await esper.run(['profile', 'use', 'local'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it.each([
    [['use', 'nowhere'], 2, 'There is no profile "nowhere"'],
    [['remove', '__proto__'], 2, 'There is no profile "__proto__"'],
    [['add', '../x', '--url', 'http://a'], 2, 'no name for a profile'],
    [['add', 'x', '--url', 'ftp://a'], 2, 'not the address of a server'],
    [['add', 'x'], 2, '--url'],
    [['add', 'constructor', '--url', 'https://a.example'], 0, ''],
  ])('%j ends with %i', async (args, code, message) => {
    const ran = await esper.run(['profile', ...args])
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(message)])
  })

  it('says so when its file was spoilt', async () => {
    await esper.run(['profile', 'add', 'x', '--url', 'https://a.example'])
    writeFileSync(file, '{"current":')
    const ran = await esper.run(['profile', 'list'])
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('is not a file of profiles')])
    expect(readFileSync(file, 'utf8')).toBe('{"current":')
  })
})

it('sends the token of a profile to its own server and to no other', async () => {
  const token = `eop_${'A'.repeat(43)}`
  const home = { current: 'a', profiles: { a: { url: 'https://a.example', operator_token: token } } }
  await esper.run(['profile', 'add', 'x', '--url', 'https://a.example'])
  writeFileSync(file, JSON.stringify(home))
  const ran = await esper.run(['auth', 'status', '--url', 'http://127.0.0.1:1'])
  expect([ran.code, ran.err]).toEqual([4, expect.stringContaining('not signed in at http://127.0.0.1:1')])
  await esper.run(['profile', 'add', 'a', '--url', 'https://b.example'])
  expect(readFileSync(file, 'utf8')).not.toContain(token)
})
