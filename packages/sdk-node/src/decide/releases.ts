import type { Contribution, WindowCounter } from '@esper/core'
import { LRUCache } from 'lru-cache'

/** Releases remembered at once; of more, those not heard of for longest go. */
const MAX_PENDING = 10_000

/**
 * Releases that this process has yet to follow in its own counts. They name an entity by its key, counters go by its
 * fields: only when the entity comes again is it known who that is, and then its counter forgets, before it counts.
 */
export class Releases {
  /** By window identity and entity key, the time before which nothing counts any longer. */
  readonly #pending = new LRUCache<string, number>({ max: MAX_PENDING })
  /** Window identities with a release. */
  readonly #windows = new Set<string>()

  add(windowId: string, entityKey: string, notBefore: number): void {
    const key = pendingKey(windowId, entityKey)
    this.#pending.set(key, Math.max(notBefore, this.#pending.get(key) ?? 0))
    this.#windows.add(windowId)
  }

  /** Whether anybody was released in the window that this contribution goes to; if not, no entity key has to be computed. */
  concern({ windowId }: Contribution): boolean {
    return this.#windows.has(windowId)
  }

  /** Forgets what was released of the counter that this contribution, of the entity with this key, goes to. */
  apply(contribution: Contribution, counter: WindowCounter, entityKey: string): void {
    const key = pendingKey(contribution.windowId, entityKey)
    const notBefore = this.#pending.get(key)
    if (notBefore === undefined) return
    counter.forget(contribution, notBefore)
    this.#pending.delete(key)
    if (this.#pending.size === 0) this.#windows.clear()
  }
}

function pendingKey(windowId: string, entityKey: string): string {
  return `${windowId} ${entityKey}`
}
