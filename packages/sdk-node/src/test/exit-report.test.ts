import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '@esper/testkit'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { KEYID, SECRET } from './control-plane.js'
import { Harness, keepingLogger, send } from './harness.js'

// A process of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

const app = fileURLToPath(new URL('exiting-app.ts', import.meta.url))

let harness: Harness
beforeEach(async () => {
  harness = await new Harness().start()
})
afterEach(() => harness.end())

/** Runs an application that decides seven requests and ends as told. */
function run(how: string): Promise<number | null> {
  const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', app, how], {
    env: {
      ...process.env,
      ESPER_URL: harness.controlPlane.url,
      ESPER_KEY_ID: KEYID,
      ESPER_SECRET: SECRET,
      ESPER_SNAPSHOT_DIR: harness.folder,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return new Promise((resolve) => child.on('exit', resolve))
}

it('a process that ends in the middle says at the next start how much was lost, once', async () => {
  expect(await run('exit')).toBe(3)
  const notes = () => readdirSync(harness.folder).filter((name) => name.startsWith('lost-'))
  expect(notes()).toHaveLength(1)
  const { logger, lines } = keepingLogger()
  const esper = await harness.ready({ logger })
  expect(esper.status().delivery.earlier).toEqual({ lost: 7, uncertain: 0 })
  expect(lines.filter((line) => line.includes('"lost":7'))).toHaveLength(1)
  expect(notes()).toEqual([])
  await send(await harness.app(esper, (a) => void a.use((_request, response) => void response.send('ok'))))
  await waitUntil(() => harness.controlPlane.batches.size === 1)
  const [batch] = harness.controlPlane.batches.values()
  expect(batch?.header.loss).toEqual({ earlier_lost: 7 })
  expect((await harness.ready()).status().delivery.earlier).toEqual({ lost: 0, uncertain: 0 })
})

it('a process that closes first loses nothing and leaves nothing behind', async () => {
  expect(await run('close')).toBe(3)
  expect(harness.controlPlane.events).toHaveLength(7)
  expect(readdirSync(harness.folder).filter((name) => name.startsWith('lost-'))).toEqual([])
})

it('a process is not kept alive by Esper', async () => {
  expect(await run('end')).toBe(0)
})
