import type { Config } from '../config/options.js'
import { createHealth } from '../observability/health.js'
import { createLogger, type Logger } from '../observability/logger.js'
import { createMetrics } from '../observability/metrics.js'
import type { CreateModules, Runtime } from './module.js'
import type { Role } from './role.js'
import { onStopRequest } from './signals.js'
import { createSupervisor } from './supervisor.js'

export interface RunRoleOptions {
  readonly role: Role
  readonly config: Config
  readonly createModules: CreateModules
}

/** Message to the process that started us over an IPC channel. */
export interface ReadyMessage {
  readonly type: 'ready'
  readonly role: Role
}

/** Runs one service until it is asked to stop or cannot go on. Resolves with the exit code. */
export async function runRole({ role, config, createModules }: RunRoleOptions): Promise<number> {
  const logger = createLogger({ level: config.logLevel, service: role })
  const stopping = new AbortController()
  const health = createHealth()
  const ending = createEnding()
  const runtime: Runtime = {
    role,
    logger,
    metrics: createMetrics(role),
    health,
    now: Date.now,
    stopping: stopping.signal,
    fail: (error) => {
      logger.fatal({ err: error }, 'cannot go on')
      ending.request(1)
    },
  }
  crashOnProgrammingErrors(logger)
  onStopRequest((reason) => {
    logger.info({ reason }, 'stopping')
    ending.request(0)
  })
  const supervisor = createSupervisor({
    modules: createModules(config, runtime),
    logger,
    drainTimeoutMs: config.drainTimeoutMs,
  })
  await Promise.race([supervisor.start(), ending.requested])
  if (!ending.isRequested()) {
    health.setPhase('ready')
    logger.info('ready')
    process.send?.({ type: 'ready', role } satisfies ReadyMessage)
  }
  const exitCode = await ending.requested
  health.setPhase('stopping')
  stopping.abort()
  const clean = await supervisor.stop()
  logger.info({ clean }, 'stopped')
  return clean ? exitCode : Math.max(exitCode, 1)
}

interface Ending {
  /** Resolves, with the exit code, when somebody asked. */
  readonly requested: Promise<number>
  isRequested(): boolean
  request(exitCode: number): void
}

function createEnding(): Ending {
  let asked = false
  let settle: (exitCode: number) => void = () => undefined
  const requested = new Promise<number>((resolve) => {
    settle = resolve
  })
  return {
    requested,
    isRequested: () => asked,
    request: (exitCode) => {
      asked = true
      settle(exitCode)
    },
  }
}

/** An error nobody caught means the process is in a state nobody planned: it ends, and what was accepted is redone. */
function crashOnProgrammingErrors(logger: Logger): void {
  const crash = (error: unknown) => {
    logger.fatal({ err: error }, 'crashed')
    process.exit(1)
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
}
