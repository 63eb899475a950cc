import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts, waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mitigation, policy, program } from './bundle-fixture.js'
import { KEYID, SECRET } from './control-plane.js'
import { Harness, type Response, send } from './harness.js'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
// Below the package, where its own name and its frameworks are found.
const folder = join(root, 'packages', 'sdk-node', '.documents')
const harness = new Harness()
const running: ChildProcess[] = []

/** The code blocks of a page that begin like this, as they stand there. */
function blocksOf(page: string, fence: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)]
    .filter(([, info]) => info === fence)
    .map(([, , code = '']) => code)
}

function block(page: string, fence: string): string {
  const [first] = blocksOf(page, fence)
  if (first === undefined) throw new Error(`${page} has no block "${fence}".`)
  return first
}

/** Runs an application as a reader would, and answers with its address once it listens. */
async function run(name: string, code: string, port: number): Promise<string> {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, ESPER_URL: harness.controlPlane.url, ESPER_KEY_ID: KEYID, ESPER_SECRET: SECRET }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), code)
  const child = spawn(process.execPath, [name], {
    cwd: folder,
    env: { ...env, ESPER_SNAPSHOT_DIR: 'off' },
    stdio: 'inherit',
  })
  running.push(child)
  const url = `http://127.0.0.1:${port}`
  const answers = () =>
    send(`${url}/ready`).then(
      () => true,
      () => false,
    )
  await waitUntil(answers, { timeoutMs: 30_000, what: name })
  return url
}

beforeAll(() => harness.start())
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await harness.end()
  rmSync(folder, { recursive: true, force: true })
})

describe('the README', () => {
  it('protects an Express application by the example as it stands there', async () => {
    harness.deny('/denied')
    const [port = 0] = await freePorts(1)
    const [example] = blocksOf('packages/sdk-node/README.md', 'js')
    expect(example).toContain('app.listen(3000)')
    const url = await run('readme.mjs', example?.replace('3000', String(port)) ?? '', port)
    await waitUntil(async () => (await send(`${url}/denied`)).status === 429, { what: 'the bundle' })
    expect((await send(url)).body).toBe('Hello, pass')
  })
})

describe('the page about express-rate-limit', () => {
  const page = 'docs/replace-express-rate-limit.md'
  const frame = (lines: string, port: number) => {
    const imports = lines.split('\n').filter((line) => line.startsWith('import '))
    const rest = lines.split('\n').filter((line) => !line.startsWith('import '))
    return [
      `import express from 'express'`,
      ...imports,
      'const app = express()',
      `app.get('/ready', (_request, response) => response.send('ready'))`,
      ...rest,
      `app.get('/', (_request, response) => response.send('ok'))`,
      `app.listen(${port}, '127.0.0.1')`,
    ].join('\n')
  }

  it('takes three lines, and answers as before: status and headers, request by request', async () => {
    const block429 = JSON.parse(block(page, 'json mitigation'))
    const { expression, ...limit } = JSON.parse(block(page, 'json policy'))
    const [key] = JSON.parse(block(page, 'json entity')).key_fields
    expect([expression, key]).toEqual(['true', 'client_ip'])
    harness.controlPlane.publish({
      mitigations: [mitigation('Block', block429)],
      policies: [
        policy('limit', '/', {
          ...limit,
          program: program(['lit', true]),
          mitigation_id: 'mit_block',
          entity_definition_id: 'ent_ip',
        }),
      ],
    })
    const after = block(page, 'js after')
    expect(after.trim().split('\n')).toHaveLength(3)
    const [first = 0, second = 0] = await freePorts(2)
    const before = await run('before.mjs', frame(block(page, 'js before'), first), first)
    const { streams } = harness.controlPlane
    const mine = await run('after.mjs', frame(after, second), second)
    await waitUntil(() => harness.controlPlane.streams > streams, {
      timeoutMs: 20_000,
      what: 'the stream of the application',
    })
    for (let n = 1; n <= 8; n += 1) {
      const [theirs, ours] = await Promise.all([send(before), send(mine)])
      const [wanted, given] = [answerOf(theirs), answerOf(ours)]
      expect([n, given.status, given.policy, given.left]).toEqual([n, wanted.status, wanted.policy, wanted.left])
      expect(given.isRefused).toBe(wanted.isRefused)
      // The first window is as old as the first request; both ran within the same seconds.
      expect(Math.abs(given.seconds - wanted.seconds)).toBeLessThanOrEqual(3)
      expect(Math.abs(given.retryAfter - wanted.retryAfter)).toBeLessThanOrEqual(3)
    }
  })
})

interface LimitAnswer {
  readonly status: number
  readonly isRefused: boolean
  readonly policy: string
  readonly left: number
  readonly seconds: number
  readonly retryAfter: number
}

/** What an answer says of its limit, whatever the limit is called. */
function answerOf({ status, headers }: Response): LimitAnswer {
  const number = (header: string | string[] | undefined, name: string) =>
    Number(new RegExp(`;\\s*${name}=(\\d+)`).exec(String(header))?.[1] ?? Number.NaN)
  const quota = headers['ratelimit-policy']
  return {
    status,
    isRefused: headers['retry-after'] !== undefined,
    policy: `${number(quota, 'q')} in ${number(quota, 'w')}`,
    left: number(headers.ratelimit, 'r'),
    seconds: number(headers.ratelimit, 't'),
    retryAfter: Number(headers['retry-after'] ?? 0),
  }
}
