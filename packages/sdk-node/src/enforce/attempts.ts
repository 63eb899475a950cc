import { LRUCache } from 'lru-cache'

interface Tally {
  readonly since: number
  count: number
}

/** Counts something by client in fixed spans, in bounded memory. */
export class Attempts {
  readonly #spanMs: number
  readonly #limit: number
  readonly #tallies = new LRUCache<string, Tally>({ max: 50_000 })

  constructor(options: { readonly limit: number; readonly spanMs: number }) {
    this.#limit = options.limit
    this.#spanMs = options.spanMs
  }

  add(client: string, now: number): void {
    const tally = this.#tallies.get(client)
    if (tally === undefined || now - tally.since >= this.#spanMs) this.#tallies.set(client, { since: now, count: 1 })
    else tally.count += 1
  }

  /** Whether the limit is reached; the answer is how long it stays so, in milliseconds, or 0. */
  waitMs(client: string, now: number): number {
    const tally = this.#tallies.get(client)
    if (tally === undefined || tally.count < this.#limit) return 0
    return Math.max(0, tally.since + this.#spanMs - now)
  }

  clear(client: string): void {
    this.#tallies.delete(client)
  }
}
