import type { Clock } from '@esper/core'

/** The machine's clock; its timers never keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Differences below this are the network's, not the clock's. */
const TOLERANCE_MS = 1_500

/** The server's time, as far as its answers tell: `observed_at` and signatures follow it, not the machine's clock. */
export class ServerClock implements Clock {
  readonly #clock: Clock
  #offsetMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What is added to the machine's clock. */
  get offsetMs(): number {
    return this.#offsetMs
  }

  now(): number {
    return this.#clock.now() + this.#offsetMs
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#clock.after(delayMs, run)
  }

  /** Takes over the server's time when it differs by more than the network explains. Anything but a time is ignored. */
  learn(serverTimeMs: unknown): void {
    if (typeof serverTimeMs !== 'number' || !(serverTimeMs > 1e12 && serverTimeMs < 1e13)) return
    if (Math.abs(serverTimeMs - this.now()) > TOLERANCE_MS) this.#offsetMs = serverTimeMs - this.#clock.now()
  }
}
