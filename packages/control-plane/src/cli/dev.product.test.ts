import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts, useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'

const database = useDatabase()
const root = fileURLToPath(new URL('../../../..', import.meta.url))
const program = join(root, 'packages/control-plane/dist/cli/main.js')
const folder = mkdtempSync(join(tmpdir(), 'esper-dev-'))
const PORT_FLAGS = [
  'port',
  'health-port',
  'metrics-port',
  'ingestion-broker-port',
  'mitigation-broker-port',
  'worker-port',
  'demo-port',
]
const reportSchema = z.strictObject({
  console_url: z.url(),
  api_url: z.url(),
  login_url: z.url(),
  operator_token: z.string().startsWith('eop_'),
  tenant_id: z.string().nullable(),
  demo_url: z.url().nullable(),
  database: z.string(),
})

interface Dev {
  readonly child: ChildProcess
  readonly ports: readonly number[]
  readonly ended: Promise<number | null>
  out(): string
  err(): string
}

const running = new Set<ChildProcess>()
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface StartDev {
  readonly args?: readonly string[]
  /** Without one it starts its own. */
  readonly mongodbUri?: string
  readonly home: string
}

async function startDev({ args = [], mongodbUri = '', home }: StartDev): Promise<Dev> {
  const ports = await freePorts(PORT_FLAGS.length)
  const flags = PORT_FLAGS.flatMap((flag, index) => [`--${flag}`, String(ports[index])])
  const child = spawn(process.execPath, [program, 'dev', '--json', '--data-dir', home, ...flags, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, ESPER_MONGODB_URI: mongodbUri, ESPER_DATABASE_PREFIX: database.databasePrefix },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const texts = { out: '', err: '' }
  child.stdout.on('data', (part: Buffer) => (texts.out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (texts.err += part.toString()))
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  return { child, ports, ended, out: () => texts.out, err: () => texts.err }
}

async function untilReady(dev: Dev): Promise<z.infer<typeof reportSchema>> {
  const ended = () => dev.child.exitCode !== null && new Error(`it ended: ${dev.err()}`)
  const line = await waitUntil(() => ended() || (dev.out().includes('\n') && dev.out()), {
    timeoutMs: 90_000,
    what: 'esper dev',
  })
  if (line instanceof Error) throw line
  return reportSchema.parse(JSON.parse(line))
}

async function answers(port: number, path: string): Promise<number | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_000) })
    return response.status
  } catch {
    return undefined
  }
}

/** Nothing listens on any of its ports any more, and no program works in its folder. */
function untilNothingIsLeft({ ports }: Dev, home: string): Promise<boolean> {
  return waitUntil(
    async () => {
      const open = await Promise.all(ports.map((port) => answers(port, '/')))
      const programs = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      return open.every((status) => status === undefined) && !programs.includes(`${home}/data`)
    },
    { timeoutMs: 30_000, everyMs: 200, what: 'the end of everything it started' },
  )
}

/** What it does when it is only stopped, and what it says of ports and options, is in tests/start.product.test.ts. */
describe('esper dev', () => {
  test('leaves nothing behind when it is killed itself', async () => {
    const home = mkdtempSync(join(folder, 'killed-'))
    const venv = join(root, '.esper/secantus-venv')
    if (existsSync(venv)) symlinkSync(venv, join(home, 'secantus-venv'))
    const dev = await startDev({ home })
    await untilReady(dev)
    dev.child.kill('SIGKILL')
    await untilNothingIsLeft(dev, home)
  })

  test('says which service died and stops everything', async () => {
    const home = mkdtempSync(join(folder, 'died-'))
    const dev = await startDev({ home, mongodbUri: database.mongodbUri, args: ['--no-demo'] })
    const report = await untilReady(dev)
    expect([report.tenant_id, report.demo_url]).toEqual([null, null])
    const children = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' }).split('\n')
    const engine = children
      .map((line) => line.trim().split(/\s+/))
      .find(([, parent, ...args]) => Number(parent) === dev.child.pid && args.includes('engine'))
    process.kill(Number(engine?.[0]), 'SIGKILL')
    expect(await dev.ended).toBe(1)
    expect(dev.err()).toContain('engine ended by itself (signal SIGKILL); stopping everything')
    await untilNothingIsLeft(dev, home)
  })
})
