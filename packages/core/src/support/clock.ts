/** Time as Esper's parts see it; tests give a manual one. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `run` once after `delayMs`, without keeping the process alive; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void
}
