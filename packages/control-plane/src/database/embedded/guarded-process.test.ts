import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, test } from 'vitest'
import { GUARD_SOURCE } from './guard-source.js'
import { startGuarded } from './guarded-process.js'

const folder = mkdtempSync(join(tmpdir(), 'esper-guard-'))
afterAll(() => rmSync(folder, { recursive: true }))

const TALKS = 'console.log(process.pid); setInterval(() => {}, 1000)'
const STUBBORN = `process.on('SIGTERM', () => {}); ${TALKS}`

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function firstNumber(input: NodeJS.ReadableStream | undefined | null): Promise<number> {
  if (!input) throw new Error('no output')
  for await (const line of createInterface({ input })) return Number(line)
  throw new Error('it wrote nothing')
}

test('a program is asked to end, and made to when it does not', async () => {
  for (const script of [TALKS, STUBBORN]) {
    const child = await startGuarded({ command: process.execPath, args: ['-e', script], graceMs: 100 })
    const pid = await firstNumber(child.output[0])
    expect(isAlive(pid)).toBe(true)
    await child.stop()
    expect(isAlive(pid)).toBe(false)
  }
})

test('a program that ends by itself says how', async () => {
  const logPath = join(folder, 'log')
  const child = await startGuarded({
    command: process.execPath,
    args: ['-e', 'console.log("bye"); process.exit(3)'],
    logPath,
  })
  expect(await child.ended).toBe('exit code 3')
  expect(readFileSync(logPath, 'utf8')).toBe('bye\n')
})

test('a program that cannot be started is told', async () => {
  const child = await startGuarded({
    command: join(folder, 'no-such-program'),
    args: [],
    logPath: join(folder, 'none'),
  })
  expect(await child.ended).toBe('exit code 127')
  expect(readFileSync(join(folder, 'none'), 'utf8')).toContain('ENOENT')
})

test('nothing outlives a parent that is killed', async () => {
  const parentSource = `
    const child = require('node:child_process').spawn(process.execPath,
      ['-e', ${JSON.stringify(GUARD_SOURCE)}, process.execPath, '500', '-e', ${JSON.stringify(TALKS)}],
      { stdio: ['pipe', 'inherit', 'inherit'], detached: true })
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['-e', parentSource], { stdio: ['ignore', 'pipe', 'ignore'] })
  const pid = await firstNumber(parent.stdout)
  parent.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false)
})
