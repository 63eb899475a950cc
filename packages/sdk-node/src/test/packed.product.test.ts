import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { waitUntil } from '@esper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mitigation, policy } from './bundle-fixture.js'
import { KEYID, SECRET } from './control-plane.js'
import { Harness, send } from './harness.js'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'esper-packed-'))
const harness = new Harness()
const running: ChildProcess[] = []
/** Nothing of the workspace's own conditions or of the test runner reaches the fresh application. */
const env = { PATH: process.env.PATH, HOME: process.env.HOME, npm_config_cache: process.env.npm_config_cache }

const APP = `
const app = express()
const esper = createEsper()
app.use(esperExpress(esper))
app.get('/{*path}', (request, response) => response.json(request.esper.decision))
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.on('SIGTERM', async () => {
  await esper.close({ timeoutMs: 5000 })
  console.log(JSON.stringify(esper.status().delivery))
  process.exit(0)
})
`
const IMPORTS = `import express from 'express'
import { createEsper } from '@esper/sdk'
import { esperExpress } from '@esper/sdk/express'
`
const REQUIRES = `const express = require('express')
const { createEsper } = require('@esper/sdk')
const { esperExpress } = require('@esper/sdk/express')
`
const TYPED = `import express from 'express'
import { createEsper, type Decision, EsperError } from '@esper/sdk'
import { esperExpress } from '@esper/sdk/express'

const app = express()
app.use(esperExpress(createEsper({ mode: 'monitor' })))
app.use((request, response) => {
  const decision: Decision | undefined = request.esper?.decision
  response.json({ outcome: decision?.outcome, known: EsperError.name })
})
`

beforeAll(async () => {
  await harness.start()
  harness.controlPlane.bundle = {
    ...harness.controlPlane.bundle,
    mitigations: [mitigation('Block')],
    policies: [policy('deny', '/denied', { mitigation_id: 'mit_block' })],
  }
  const pack = (name: string) =>
    run('npm', ['pack', '--silent', '--pack-destination', folder, '-w', name], { cwd: root, env })
  const tarballs = (await Promise.all([pack('@esper/core'), pack('@esper/sdk')])).map(
    ({ stdout }) => `./${stdout.trim()}`,
  )
  const app = join(folder, 'app')
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true }))
  writeFileSync(join(app, 'app.mjs'), IMPORTS + APP)
  writeFileSync(join(app, 'app.cjs'), REQUIRES + APP)
  writeFileSync(join(app, 'typed.mts'), TYPED)
  const others = ['express@5.3.0', '@types/express@5.0.6', 'typescript@5.9.3']
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--silent']
  await run('npm', ['install', ...flags, ...tarballs.map((each) => join('..', each)), ...others], { cwd: app, env })
}, 240_000)
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await harness.end()
  rmSync(folder, { recursive: true, force: true })
})

function start(file: string): { readonly child: ChildProcess; readonly lines: string[] } {
  const settings = {
    ESPER_URL: harness.controlPlane.url,
    ESPER_KEY_ID: KEYID,
    ESPER_SECRET: SECRET,
    ESPER_SNAPSHOT_DIR: 'off',
  }
  const child = spawn(process.execPath, [file], { cwd: join(folder, 'app'), env: { ...env, ...settings } })
  running.push(child)
  const lines: string[] = []
  for (const output of [child.stdout, child.stderr])
    createInterface({ input: output }).on('line', (line) => lines.push(line))
  return { child, lines }
}

describe('the packed SDK in a fresh application', () => {
  it.each(['app.mjs', 'app.cjs'])('protects it: %s', async (file) => {
    const before = harness.controlPlane.events.length
    const { child, lines } = start(file)
    const port = await waitUntil(() => lines[0], { what: 'the port' })
    const url = `http://127.0.0.1:${port}`
    await waitUntil(async () => JSON.parse((await send(`${url}/`)).body).revision === 1, {
      what: `the bundle: ${lines.join('\n')}`,
    })
    expect((await send(`${url}/denied`)).status).toBe(429)
    child.kill('SIGTERM')
    const [report] = await waitUntil(() => (lines.length > 1 ? lines.slice(1) : undefined), {
      what: 'the closing report',
    })
    const { recorded, accepted } = JSON.parse(report ?? '{}')
    expect(accepted).toBe(recorded)
    expect(harness.controlPlane.events.length - before).toBe(recorded)
  })

  it('is typed, the request included', async () => {
    const tsc = join(folder, 'app', 'node_modules', 'typescript', 'bin', 'tsc')
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', 'typed.mts']
    await run(process.execPath, [tsc, ...flags], { cwd: join(folder, 'app'), env }).catch(
      (error: { stdout?: string }) => {
        throw new Error(error.stdout)
      },
    )
  })
})
