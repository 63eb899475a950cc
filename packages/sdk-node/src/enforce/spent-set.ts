/** Nonces that have been spent, each kept until it would have expired anyway. */
export class SpentSet {
  readonly #expiries = new Map<string, number>()

  get size(): number {
    return this.#expiries.size
  }

  /** Spends a nonce; false when it was spent before. One step: of any number of callers at once, one gets true. */
  spend(nonce: string, expiresAt: number, now: number): boolean {
    // All live equally long, so the oldest entries expire first and the loop ends at the first that does not.
    for (const [known, until] of this.#expiries) {
      if (until > now) break
      this.#expiries.delete(known)
    }
    if (this.#expiries.has(nonce)) return false
    this.#expiries.set(nonce, expiresAt)
    return true
  }
}
