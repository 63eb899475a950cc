import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useDatabase, waitUntil } from '@esper/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { operatorOf } from './support/operator.js'
import { type RunningProgram, runProgram } from './support/program.js'

/** The line of `npm start -- --json`. */
interface Report {
  readonly console_url: string
  readonly api_url: string
  readonly login_url: string
  readonly operator_token: string
  readonly tenant_id: string
  readonly demo_url: string
  readonly database: string
}

const ANY_FREE_PORT = {
  ESPER_SERVER_PORT: '0',
  ESPER_HEALTH_PORT: '0',
  ESPER_METRICS_PORT: '0',
  ESPER_INGESTION_BROKER_PORT: '0',
  ESPER_MITIGATION_BROKER_PORT: '0',
  ESPER_WORKER_PORT: '0',
  ESPER_DEMO_PORT: '0',
}

const database = useDatabase()
const home = mkdtempSync(join(tmpdir(), 'esper-start-'))
const started: RunningProgram[] = []
afterAll(async () => {
  for (const program of started.filter((one) => one.running())) {
    program.signal('SIGTERM')
    await program.ended
  }
  rmSync(home, { recursive: true, force: true })
})

async function startDev(...args: string[]): Promise<{ dev: RunningProgram; report: Report }> {
  const dev = runProgram({
    args: ['dev', '--json', '--data-dir', home, ...args],
    env: {
      ...ANY_FREE_PORT,
      ESPER_MONGODB_URI: database.mongodbUri,
      ESPER_DATABASE_PREFIX: database.databasePrefix,
    },
  })
  started.push(dev)
  await waitUntil(() => dev.stdout().includes('\n') || !dev.running(), { what: 'esper dev', timeoutMs: 60_000 })
  if (!dev.running()) throw new Error(dev.stderr())
  const report: Report = JSON.parse(dev.stdout())
  return { dev, report }
}

const isAnswering = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  )

describe('everything with one command', () => {
  let first: Report

  it('counts real traffic of the demo shop in Results, Monitor first, and leaves nothing behind', async () => {
    const { dev, report } = await startDev()
    first = report
    const operator = operatorOf(new URL(report.api_url).origin, report.operator_token)
    const results = await waitUntil(
      async () => {
        const now = await operator.results(report.tenant_id)
        return now.of('Credential stuffing').observe_count > 0 && now.of('Known crawlers').observe_count > 0 && now
      },
      { what: 'real counts', timeoutMs: 60_000, everyMs: 250 },
    )
    for (const name of ['Credential stuffing', 'Article scraping', 'Known crawlers']) {
      expect(results.of(name)).toMatchObject({ challenge_count: 0, block_count: 0, enforced_count: 0 })
    }
    const steps = (await operator.get(`tenants/${report.tenant_id}/setup`)).steps
    expect(steps).toContainEqual({ id: 'traffic', done: true })
    expect(steps).toContainEqual({ id: 'enforced', done: false })
    expect(await isAnswering(report.demo_url)).toBe(true)

    dev.signal('SIGINT')
    expect(await dev.ended).toBe(0)
    for (const url of [report.console_url, report.demo_url]) expect(await isAnswering(url)).toBe(false)
  })

  it('finds the demo tenant again, as it was left, with the same key', async () => {
    const { dev, report } = await startDev('--no-traffic')
    expect(report.tenant_id).toBe(first.tenant_id)
    const operator = operatorOf(new URL(report.api_url).origin, report.operator_token)
    const at = `tenants/${report.tenant_id}`
    const counts = await Promise.all(
      ['api-keys', 'actions', 'mitigations', 'policies'].map(
        async (kind) => (await operator.items(`${at}/${kind}`)).length,
      ),
    )
    expect(counts).toEqual([1, 3, 3, 3])
    dev.signal('SIGTERM')
    expect(await dev.ended).toBe(0)
  })

  it('writes no secret where somebody reads: not on the screen, not in a log', () => {
    const { demo, service_token }: { demo: { secret: string }; service_token: string } = JSON.parse(
      readFileSync(join(home, 'secrets.json'), 'utf8'),
    )
    const logs = readdirSync(join(home, 'logs')).map((name) => readFileSync(join(home, 'logs', name), 'utf8'))
    const screens = started.flatMap((program) => [program.stdout(), program.stderr()])
    expect(logs.length).toBeGreaterThan(4)
    for (const text of [...logs, ...screens]) {
      expect(text).not.toContain(demo.secret)
      expect(text).not.toContain(service_token)
    }
  })
})

describe('a start that cannot be', () => {
  it('names every port that is taken and the option that chooses another', async () => {
    const blockers = await Promise.all([listen(), listen()])
    const [serverPort, demoPort] = blockers.map(({ port }) => String(port))
    const dev = runProgram({
      args: ['dev', '--data-dir', home, '--port', serverPort ?? '', '--demo-port', demoPort ?? ''],
      env: { ...ANY_FREE_PORT, ESPER_MONGODB_URI: database.mongodbUri },
    })
    started.push(dev)
    expect(await dev.ended).not.toBe(0)
    expect(dev.stderr()).toMatch(new RegExp(`Port ${serverPort} is taken .*--port or ESPER_SERVER_PORT`))
    expect(dev.stderr()).toMatch(new RegExp(`Port ${demoPort} is taken .*--demo-port or ESPER_DEMO_PORT`))
    for (const { close } of blockers) close()
  })

  it('says all that is wrong with the configuration at once, without a secret, and exits with 2', async () => {
    const server = runProgram({
      program: 'esper-server.js',
      args: ['--port', '99999'],
      env: {
        ESPER_MONGODB_URI: 'postgres://somewhere',
        ESPER_SERVICE_TOKEN: 'too-short-token',
        ESPER_HEALTH_PORT: 'eighty',
        ESPER_LOG_LEVEL: 'loud',
      },
    })
    started.push(server)
    expect(await server.ended).toBe(2)
    for (const name of [
      '--port',
      'ESPER_MONGODB_URI',
      'ESPER_SERVICE_TOKEN',
      'ESPER_MASTER_KEYS',
      'ESPER_HEALTH_PORT',
      'ESPER_LOG_LEVEL',
    ]) {
      expect(server.stderr()).toContain(name)
    }
    expect(server.stderr()).not.toContain('too-short-token')
    expect(server.stdout()).toBe('')
  })

  it.each([
    ['esper-server.js', []],
    ['esper-ingestion-broker.js', []],
    ['esper-mitigation-broker.js', []],
    ['main.js', ['worker', 'run', 'engine']],
  ] as const)('%s %j without any configuration says what it needs', async (program, args) => {
    const service = runProgram({ program, args })
    started.push(service)
    expect(await service.ended).toBe(2)
    expect(service.stderr()).toContain('ESPER_MONGODB_URI is required')
    expect(service.stderr()).toContain('ESPER_SERVICE_TOKEN is required')
  })
})

function listen(): Promise<{ readonly port: number; close(): void }> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address !== null && typeof address === 'object') {
        resolve({ port: address.port, close: () => void server.close() })
      }
    })
  })
}
