/** How delays between attempts grow. */
export interface BackoffOptions {
  /** Upper bound of the first delay. */
  readonly baseMs: number
  /** Upper bound of any delay. */
  readonly maxMs: number
  /** A number from 0 up to but not including 1. */
  readonly random: () => number
}

/**
 * Exponential backoff with full jitter: the nth delay is uniform in [0, min(maxMs, baseMs * 2^(n-1))], so that many
 * clients that failed together do not come back together.
 */
export class Backoff {
  readonly #options: BackoffOptions
  #failures = 0

  constructor(options: BackoffOptions) {
    this.#options = options
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures
  }

  /** Counts a failure and says how long to wait, in milliseconds. */
  next(): number {
    const { baseMs, maxMs, random } = this.#options
    const bound = Math.min(maxMs, baseMs * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    return Math.floor(random() * bound)
  }

  /** Counts a success. */
  reset(): void {
    this.#failures = 0
  }
}
