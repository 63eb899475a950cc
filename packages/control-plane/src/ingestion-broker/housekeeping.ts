import { setTimeout as wait } from 'node:timers/promises'
import type { Module, Runtime } from '../runtime/module.js'
import type { Backlog } from './backlog.js'
import type { BatchStore } from './batch-store.js'
import type { Doorbell } from './doorbell.js'

export interface HousekeepingOptions {
  readonly store: BatchStore
  readonly backlog: Backlog
  readonly doorbell: Doorbell
  readonly runtime: Pick<Runtime, 'logger' | 'now' | 'stopping'>
  /** Least pause between two rounds. */
  readonly everyMs?: number
}

/** Counting a long backlog takes time: it may use at most this share of it. */
const COUNTING_SHARE = 10

/** Takes back lapsed leases and counts the backlog, round after round. */
export function createHousekeeping(options: HousekeepingOptions): Module {
  const { store, runtime, everyMs = 500 } = options
  const stopped = new AbortController()
  const signal = AbortSignal.any([stopped.signal, runtime.stopping])
  let running: Promise<void> = Promise.resolve()

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const startedAt = performance.now()
      try {
        await houseKeepingRound(options)
      } catch (error) {
        runtime.logger.warn({ err: error }, 'housekeeping failed; it goes on with the next round')
      }
      const pauseMs = Math.max(everyMs, (performance.now() - startedAt) * COUNTING_SHARE)
      await wait(pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }

  return {
    name: 'housekeeping',
    needs: ['database'],
    start: async () => {
      await store.createIndexes()
      await houseKeepingRound(options)
      running = run()
    },
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}

async function houseKeepingRound({ store, backlog, doorbell, runtime }: HousekeepingOptions): Promise<void> {
  const lapsed = await store.sweep(runtime.now())
  if (lapsed > 0) {
    runtime.logger.warn({ batches: lapsed }, 'took back batches whose lease had expired')
    doorbell.ring()
  }
  backlog.set(await store.backlog())
}
