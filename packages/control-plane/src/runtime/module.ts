import type { Registry } from 'prom-client'
import type { Config } from '../config/options.js'
import type { Health } from '../observability/health.js'
import type { Logger } from '../observability/logger.js'
import type { Role } from './role.js'

/** One part of a process that starts and stops. Modules start in the order of `needs` and stop in reverse. */
export interface Module {
  readonly name: string
  /** Names of modules of the same process that must have started before this one. */
  readonly needs?: readonly string[]
  /** Resolves when the module works; throwing stops the process with a clear message. */
  start(): Promise<void>
  /**
   * Finishes what is under way and lets go of everything. `signal` aborts when the drain time is over:
   * what is still open then has to be cut.
   */
  stop(signal: AbortSignal): Promise<void>
}

/** What every module of a process shares. */
export interface Runtime {
  readonly role: Role
  readonly logger: Logger
  readonly metrics: Registry
  readonly health: Health
  /** Wall clock in epoch milliseconds. */
  readonly now: () => number
  /** Aborts as soon as the process begins to stop: long polls, streams and loops end on it. */
  readonly stopping: AbortSignal
  /** Stops the process because it cannot go on; `error` is logged. */
  fail(error: unknown): void
}

/**
 * What a role's `module.ts` exports: `createServerModules`, `createIngestionBrokerModules`,
 * `createMitigationBrokerModules`, `createEngineModules`. It only wires; nothing opens before `start`.
 */
export type CreateModules = (config: Config, runtime: Runtime) => readonly Module[]
