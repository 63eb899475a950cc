import { setTimeout as delay } from 'node:timers/promises'
import type { MitigationClient } from '../../clients/mitigation-client.js'
import type { Logger } from '../../observability/logger.js'
import type { PendingEnds } from './pending-ends-store.js'

const IDLE_MS = 1_000
const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 10_000
const AT_ONCE = 20

export interface EndDelivererOptions {
  readonly pendingEnds: PendingEnds
  readonly broker: Pick<MitigationClient, 'end'>
  readonly stopping: AbortSignal
  readonly logger: Logger
}

export interface EndDeliverer {
  /** Looks at once instead of at the next turn. */
  wake(): void
  /** Resolves when it has stopped. */
  run(): Promise<void>
}

/** Takes ended policies to the mitigation broker, in order, until it acknowledges each. Ending twice does no harm. */
export function createEndDeliverer({ pendingEnds, broker, stopping, logger }: EndDelivererOptions): EndDeliverer {
  let nap = new AbortController()
  const sleep = async (ms: number) => {
    nap = new AbortController()
    await delay(ms, undefined, { signal: AbortSignal.any([nap.signal, stopping]) }).catch(() => undefined)
  }
  const deliver = async () => {
    const waiting = await pendingEnds.next(AT_ONCE)
    for (const { id, ...end } of waiting) {
      await broker.end(end)
      await pendingEnds.done(id)
    }
    return waiting.length
  }
  return {
    wake: () => nap.abort(),
    run: async () => {
      let failures = 0
      while (!stopping.aborted) {
        try {
          const delivered = await deliver()
          failures = 0
          if (delivered < AT_ONCE) await sleep(IDLE_MS)
        } catch (error) {
          if (stopping.aborted) return
          logger.warn({ err: error }, 'could not tell the mitigation broker what has ended; trying again')
          await sleep(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures))
          failures += 1
        }
      }
    },
  }
}
