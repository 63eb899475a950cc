import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Role } from '../../runtime/role.js'

/** Something `esper dev` started. */
export interface DevProcess {
  readonly name: string
  /** Resolves with the reason when it has ended. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

export interface ServiceProcess extends DevProcess {
  readonly output: readonly Readable[]
  /** Resolves when the service says it is ready; rejects when it ends before. */
  readonly ready: Promise<void>
  /** Ends it as the machine would: SIGKILL, no drain. */
  kill(): Promise<void>
}

export interface ServiceProcessOptions {
  readonly role: Role
  /** The built command line program. */
  readonly program: string
  readonly env: NodeJS.ProcessEnv
  /** Time after SIGTERM until SIGKILL. */
  readonly graceMs: number
}

const ARGUMENTS: Readonly<Record<Role, readonly string[]>> = {
  server: ['server', 'run'],
  'ingestion-broker': ['broker', 'run', 'ingestion'],
  'mitigation-broker': ['broker', 'run', 'mitigation'],
  engine: ['worker', 'run', 'engine'],
}

/** One service as a real process. It drains by itself when our end of the IPC channel closes, however we end. */
export function startService({ role, program, env, graceMs }: ServiceProcessOptions): ServiceProcess {
  const child = spawn(process.execPath, [program, ...ARGUMENTS[role]], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  })
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready') resolve()
    })
    void ended.then((reason) => reject(new Error(`${role} ended before it was ready (${reason})`)))
  })
  return {
    name: role,
    output: [child.stdout, child.stderr].filter((stream) => stream !== null),
    ended,
    ready,
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await ended
      clearTimeout(timer)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
