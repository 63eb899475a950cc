import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface RunOptions {
  /** Below `packages/control-plane/dist/cli`. */
  readonly program?: 'main.js' | 'esper-server.js' | 'esper-ingestion-broker.js' | 'esper-mitigation-broker.js'
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface RunningProgram {
  stdout(): string
  stderr(): string
  running(): boolean
  signal(signal: NodeJS.Signals): void
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
}

/** A program of the built package, as a shell would start it, with nothing of our own environment but PATH. */
export function runProgram({ program = 'main.js', args = [], env = {} }: RunOptions): RunningProgram {
  const child = spawn(process.execPath, [`packages/control-plane/dist/cli/${program}`, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()))
  return {
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    running: () => child.exitCode === null && child.signalCode === null,
    signal: (signal) => void child.kill(signal),
    ended: endOf(child),
  }
}

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  await once(child, 'close')
  return child.exitCode ?? child.signalCode ?? 'SIGKILL'
}
