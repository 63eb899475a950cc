import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadConfig } from './load-config.js'

const MASTER_KEY = `k1:${Buffer.alloc(32, 7).toString('base64')}`
const REQUIRED = {
  ESPER_MONGODB_URI: 'mongodb://127.0.0.1:27017/?replicaSet=rs0',
  ESPER_SERVICE_TOKEN: 'a-service-token-of-the-tests-0123456789',
  ESPER_MASTER_KEYS: MASTER_KEY,
}
const folder = mkdtempSync(join(tmpdir(), 'esper-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileWith(content: unknown): string {
  const path = join(folder, `${Math.random()}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function problemsOf(sources: Parameters<typeof loadConfig>[0]): readonly string[] {
  const loaded = loadConfig(sources)
  return loaded.ok ? [] : loaded.problems
}

test('a flag beats the environment, the environment the file, the file the default', () => {
  const file = fileWith({ serverPort: 1, healthPort: 2, metricsPort: 3, publicOrigins: ['https://esper.example'] })
  const env = { ...REQUIRED, ESPER_SERVER_PORT: '11', ESPER_HEALTH_PORT: '12' }
  const loaded = loadConfig({ role: 'server', env, file, flags: { serverPort: '21' } })
  expect(loaded).toMatchObject({
    ok: true,
    config: {
      serverPort: 21,
      healthPort: 12,
      metricsPort: 3,
      workerPort: 8084,
      publicOrigins: ['https://esper.example'],
    },
  })
})

test('ESPER_CONFIG names the file where no flag does, and an empty variable is one that is not set', () => {
  const file = fileWith({ serverPort: 5 })
  const loaded = loadConfig({ env: { ...REQUIRED, ESPER_CONFIG: file, ESPER_SERVER_PORT: '' } })
  expect(loaded).toMatchObject({ ok: true, config: { serverPort: 5 } })
})

test('all problems are told at once, by the name that was used, and no secret is shown', () => {
  const problems = problemsOf({
    role: 'server',
    env: {
      ESPER_SERVICE_TOKEN: 'too-short',
      ESPER_METRICS_PORT: '70000',
      ESPER_PUBLIC_ORIGINS: 'https://a.example/path',
    },
    flags: { serverPort: 'http' },
    file: fileWith({ nonsense: 1, logLevel: 'loud' }),
  })
  expect(problems).toEqual([
    expect.stringMatching(/unknown option "nonsense"/),
    expect.stringMatching(/^ESPER_MONGODB_URI is required/),
    'ESPER_SERVICE_TOKEN must be 32 to 512 printable characters without spaces',
    expect.stringMatching(/^ESPER_MASTER_KEYS is required/),
    '--port must be a whole number from 0 to 65535 (is "http")',
    'ESPER_METRICS_PORT must be a whole number from 0 to 65535 (is "70000")',
    expect.stringMatching(/^ESPER_PUBLIC_ORIGINS https:\/\/a.example\/path is not an origin/),
    expect.stringMatching(/^"logLevel" of the configuration file must be one of/),
  ])
})

test('each role asks only for what it needs', () => {
  const { ESPER_MASTER_KEYS: _keys, ...env } = REQUIRED
  expect(problemsOf({ role: 'engine', env })).toEqual([])
  expect(problemsOf({ role: 'ingestion-broker', env })).toEqual([expect.stringMatching(/^ESPER_MASTER_KEYS/)])
  expect(problemsOf({ env: {} })).toEqual([])
})

test('a misspelt variable of ours is told, others are not ours', () => {
  expect(problemsOf({ env: { ...REQUIRED, ESPER_SERVERPORT: '1', OTHER: 'x', ESPER_MODE: 'monitor' } })).toEqual([
    'ESPER_SERVERPORT is not an option; did you mean ESPER_SERVER_PORT?',
  ])
})

describe.each([
  ['no such file', join(folder, 'none.json'), /cannot be read/],
  ['not JSON', fileWith('{'), /cannot be read/],
  ['a list', fileWith([]), /must hold one JSON object/],
  ['an object as a value', fileWith({ serverHost: {} }), /must be text, a number, true, false or a list/],
])('a configuration file that is %s', (_what, file, problem) => {
  test('is a problem, not a crash', () =>
    expect(problemsOf({ env: REQUIRED, file })).toEqual([expect.stringMatching(problem)]))
})

test.each([
  ['k1', /exactly 32 bytes/],
  [`k1:${Buffer.alloc(31).toString('base64')}`, /exactly 32 bytes/],
  [`${MASTER_KEY},${MASTER_KEY}`, /names k1 twice/],
  [',', /at least one key/],
])('master keys %j are refused without being shown', (keys, problem) => {
  const problems = problemsOf({ env: { ...REQUIRED, ESPER_MASTER_KEYS: keys } })
  expect(problems).toEqual([expect.stringMatching(problem)])
  expect(problems[0]).not.toContain('(is ')
})

test('the first master key encrypts', () => {
  const loaded = loadConfig({
    env: { ...REQUIRED, ESPER_MASTER_KEYS: `k2:${Buffer.alloc(32, 1).toString('base64url')},${MASTER_KEY}` },
  })
  expect(loaded.ok && loaded.config.masterKeys.map(({ id, key }) => [id, key.length])).toEqual([
    ['k2', 32],
    ['k1', 32],
  ])
})

test('public origins follow from the port, by every loopback name', () => {
  const loaded = loadConfig({ env: { ...REQUIRED, ESPER_SERVER_PORT: '9', ESPER_SERVER_HOST: '::1' } })
  expect(loaded.ok && loaded.config.publicOrigins).toEqual([
    'http://127.0.0.1:9',
    'http://localhost:9',
    'http://[::1]:9',
  ])
})

test.each([
  { ESPER_SERVER_HOST: '0.0.0.0' },
  { ESPER_INTERNAL_HOST: '10.0.0.1' },
  { ESPER_PUBLIC_ORIGINS: 'https://esper.example' },
])('login without a password is refused outside of the machine: %j', (open) => {
  expect(problemsOf({ env: { ...REQUIRED, ...open, ESPER_DEV_LOGIN: 'true' } })).toEqual([
    expect.stringMatching(/^ESPER_DEV_LOGIN is for one's own machine/),
  ])
  expect(problemsOf({ env: { ...REQUIRED, ...open } })).toEqual([])
})
