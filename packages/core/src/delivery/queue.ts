/** `decision` entries are kept; `observation` entries make room for them. */
export type Lane = 'decision' | 'observation'

/** A finished line of a batch, waiting to be sent. */
export interface QueueEntry {
  /** JSON without a line break. */
  readonly line: string
  /** UTF-8 bytes of the line. */
  readonly bytes: number
  readonly lane: Lane
  /** Bundle revision whose demand it was captured under; a batch holds one revision only. */
  readonly revision: number
}

interface Slot {
  readonly entry: QueueEntry
  readonly order: number
}

/** First in, first out, in constant time at both ends. */
class SlotList {
  #slots: (Slot | undefined)[] = []
  #head = 0

  get first(): Slot | undefined {
    return this.#slots[this.#head]
  }

  push(slot: Slot): void {
    this.#slots.push(slot)
  }

  shift(): Slot | undefined {
    const slot = this.#slots[this.#head]
    if (slot === undefined) return undefined
    this.#slots[this.#head] = undefined
    this.#head += 1
    if (this.#head > 1024 && this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head)
      this.#head = 0
    }
    return slot
  }
}

/** A queue bounded in events and bytes that sacrifices observations before decisions, and says how many. */
export class BoundedQueue {
  readonly #maxEvents: number
  readonly #maxBytes: number
  readonly #lanes: Readonly<Record<Lane, SlotList>> = { decision: new SlotList(), observation: new SlotList() }
  #order = 0
  #events = 0
  #bytes = 0

  constructor(bounds: { readonly maxEvents: number; readonly maxBytes: number }) {
    this.#maxEvents = bounds.maxEvents
    this.#maxBytes = bounds.maxBytes
  }

  get events(): number {
    return this.#events
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Adds an entry; the answer is how many entries were lost by it, the given one included. */
  push(entry: QueueEntry): number {
    let lost = 0
    if (entry.lane === 'decision') {
      while (!this.#fits(entry) && this.#remove('observation') !== undefined) lost += 1
    }
    if (!this.#fits(entry)) return lost + 1
    this.#order += 1
    this.#lanes[entry.lane].push({ entry, order: this.#order })
    this.#events += 1
    this.#bytes += entry.bytes
    return lost
  }

  /** Takes entries in the order in which they came, of one revision and within bounds; at least one if there is any. */
  take(bounds: { readonly maxEvents: number; readonly maxBytes: number }): QueueEntry[] {
    const taken: QueueEntry[] = []
    let bytes = 0
    for (let lane = this.#nextLane(); lane !== undefined && taken.length < bounds.maxEvents; lane = this.#nextLane()) {
      const next = this.#lanes[lane].first?.entry
      if (next === undefined) break
      const first = taken[0]
      if (first !== undefined && (first.revision !== next.revision || bytes + next.bytes > bounds.maxBytes)) break
      this.#remove(lane)
      taken.push(next)
      bytes += next.bytes + 1
    }
    return taken
  }

  #fits(entry: QueueEntry): boolean {
    return this.#events < this.#maxEvents && this.#bytes + entry.bytes <= this.#maxBytes
  }

  #nextLane(): Lane | undefined {
    const decision = this.#lanes.decision.first
    const observation = this.#lanes.observation.first
    if (decision === undefined) return observation === undefined ? undefined : 'observation'
    return observation !== undefined && observation.order < decision.order ? 'observation' : 'decision'
  }

  #remove(lane: Lane): QueueEntry | undefined {
    const slot = this.#lanes[lane].shift()
    if (slot === undefined) return undefined
    this.#events -= 1
    this.#bytes -= slot.entry.bytes
    return slot.entry
  }
}
