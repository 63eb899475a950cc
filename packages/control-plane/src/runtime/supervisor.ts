import type { Logger } from '../observability/logger.js'
import type { Module } from './module.js'
import { orderModules } from './order-modules.js'

export interface Supervisor {
  /** Starts all, in order. When one fails, those already started are stopped and its error is thrown. */
  start(): Promise<void>
  /** Stops what has started, in reverse, within `drainTimeoutMs` in all. True when everything ended in time. */
  stop(): Promise<boolean>
}

export interface SupervisorOptions {
  readonly modules: readonly Module[]
  readonly logger: Logger
  readonly drainTimeoutMs: number
}

/** Time after the drain in which a module that was told to cut has to be gone. */
const CUT_TIMEOUT_MS = 1_000

export function createSupervisor({ modules, logger, drainTimeoutMs }: SupervisorOptions): Supervisor {
  const started: Module[] = []
  let stopped: Promise<boolean> | undefined
  const stop = (): Promise<boolean> => {
    stopped ??= stopAll({ started, logger, drainTimeoutMs })
    return stopped
  }
  return {
    start: async () => {
      try {
        for (const module of orderModules(modules)) {
          if (stopped !== undefined) return
          await module.start()
          started.push(module)
        }
      } catch (error) {
        await stop()
        throw error
      }
    },
    stop,
  }
}

interface StopAll {
  readonly started: Module[]
  readonly logger: Logger
  readonly drainTimeoutMs: number
}

async function stopAll({ started, logger, drainTimeoutMs }: StopAll): Promise<boolean> {
  const overtime = new AbortController()
  const timer = setTimeout(() => overtime.abort(new Error('the drain time is over')), drainTimeoutMs)
  let clean = true
  for (let module = started.pop(); module !== undefined; module = started.pop()) {
    const { name } = module
    try {
      await Promise.race([module.stop(overtime.signal), hasBeenCut(overtime.signal)])
    } catch (error) {
      clean = false
      logger.error({ err: error, module: name }, 'did not stop cleanly')
    }
  }
  clearTimeout(timer)
  return clean && !overtime.signal.aborted
}

function hasBeenCut(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const later = () => setTimeout(() => reject(signal.reason), CUT_TIMEOUT_MS).unref()
    if (signal.aborted) later()
    else signal.addEventListener('abort', later, { once: true })
  })
}
