import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { readEnvironment } from '../../config/environment.js'
import { GUARD_SOURCE } from './guard-source.js'

export interface GuardedProcess {
  /** Of the guard, which ends when the guarded program does. */
  readonly pid: number
  /** What the program writes, when no log file was named. */
  readonly output: readonly Readable[]
  /** Resolves, with what is known of the reason, when the program has ended. */
  readonly ended: Promise<string>
  /** Asks the program to end and, after `graceMs`, makes it. */
  stop(): Promise<void>
}

export interface GuardedProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  /** Instead of our own environment. */
  readonly env?: NodeJS.ProcessEnv
  /** What the program writes goes to the end of this file. */
  readonly logPath?: string
  readonly graceMs?: number
}

/**
 * Starts a program that cannot outlive us. A small guard process stands between: its standard input is a pipe from
 * us, and however we end, even by SIGKILL, the pipe closes and the guard ends the program. Both are in a process
 * group of their own, so that Ctrl-C in a terminal reaches only us, and we stop things in order.
 */
export async function startGuarded(options: GuardedProcessOptions): Promise<GuardedProcess> {
  const { command, args, logPath, graceMs = 8_000, env = readEnvironment() } = options
  const { NODE_OPTIONS: _ours, ...guardEnv } = env
  const log = logPath === undefined ? 'pipe' : openSync(logPath, 'a')
  const child = spawn(process.execPath, ['-e', GUARD_SOURCE, command, String(graceMs), ...args], {
    stdio: ['pipe', log, log],
    detached: true,
    env: guardEnv,
  })
  if (log !== 'pipe') closeSync(log)
  const pid = await started(child)
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  })
  child.stdin?.on('error', () => undefined)
  return {
    pid,
    output: [child.stdout, child.stderr].filter((stream) => stream !== null),
    ended,
    stop: async () => {
      child.stdin?.end()
      await ended
    },
  }
}

function started(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => resolve(child.pid ?? 0))
  })
}
