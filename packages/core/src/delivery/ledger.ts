/** Why an event never reached the server. */
export const DROP_REASONS = ['queue_full', 'too_large', 'rejected', 'shutdown'] as const
export type DropReason = (typeof DROP_REASONS)[number]

/** Where every recorded event is: `recorded = accepted + dropped + queued + in_flight + uncertain`. */
export interface LossReport {
  readonly recorded: number
  /** The server said so. */
  readonly accepted: number
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>
  readonly queued: number
  /** In a batch that is being sent or waits for another attempt. */
  readonly in_flight: number
  /** Sent, and closed before an answer came. */
  readonly uncertain: number
}

/** Counts what becomes of every event; nothing leaves it without a reason. */
export class LossLedger {
  #recorded = 0
  #accepted = 0
  #queued = 0
  #inFlight = 0
  #uncertain = 0
  readonly #dropped = new Map<DropReason, number>()

  /** An event enters the queue. */
  record(): void {
    this.#recorded += 1
    this.#queued += 1
  }

  /** Events leave the queue in a batch. */
  take(events: number): void {
    this.#queued -= events
    this.#inFlight += events
  }

  /** Events leave the queue and are lost. */
  dropQueued(events: number, reason: DropReason): void {
    this.#queued -= events
    this.#drop(events, reason)
  }

  /** Events of a batch are lost. */
  dropInFlight(events: number, reason: DropReason): void {
    this.#inFlight -= events
    this.#drop(events, reason)
  }

  /** The server has the batch. */
  accept(events: number): void {
    this.#inFlight -= events
    this.#accepted += events
  }

  /** Nobody will learn whether the server has the batch. */
  giveUp(events: number): void {
    this.#inFlight -= events
    this.#uncertain += events
  }

  report(): LossReport {
    return {
      recorded: this.#recorded,
      accepted: this.#accepted,
      dropped: Object.fromEntries(this.#dropped),
      queued: this.#queued,
      in_flight: this.#inFlight,
      uncertain: this.#uncertain,
    }
  }

  #drop(events: number, reason: DropReason): void {
    if (events > 0) this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + events)
  }
}
