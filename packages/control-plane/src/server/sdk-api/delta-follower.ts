import type { CountingScope, MitigationDelta, MitigationPage } from '@esper/core'
import type { HubListener } from './mitigation-hub.js'

export interface DeltaFollowerOptions {
  readonly scope: CountingScope
  readonly since: number
  /** A page of changes after a cursor. */
  readonly page: (since: number) => Promise<MitigationPage>
  /** Told of each change once, in the order of sequences. */
  readonly send: (delta: MitigationDelta, sequence: number) => void
  /** Told when a gap could not be closed: the reader has to begin again from its cursor. */
  readonly onLost: () => void
}

export function sequenceOf(delta: MitigationDelta): number {
  return delta.kind === 'upsert' ? delta.mitigation.sequence : delta.removal.sequence
}

function scopeOf(delta: MitigationDelta): CountingScope {
  return delta.kind === 'upsert' ? delta.mitigation.counting_scope : delta.removal.counting_scope
}

/** Joins pages and live changes of one counting scope into one sequence without gaps or repeats. */
export class DeltaFollower implements HubListener {
  readonly #options: DeltaFollowerOptions
  #last: number
  #catchingUp: Promise<void> | undefined
  #again = false
  #waiting: MitigationDelta[] = []

  constructor(options: DeltaFollowerOptions) {
    this.#options = options
    this.#last = options.since
  }

  onDelta(delta: MitigationDelta): void {
    if (scopeOf(delta) !== this.#options.scope) return
    if (this.#catchingUp !== undefined) this.#waiting.push(delta)
    else this.#send(delta)
  }

  onGap(): void {
    this.catchUp().catch(this.#options.onLost)
  }

  /** Reads what is stored after the last change sent. Rejects when the broker does not answer. */
  catchUp(): Promise<void> {
    this.#again = this.#catchingUp !== undefined
    // Begins after it is marked as under way: what comes from then on waits for the page.
    this.#catchingUp ??= Promise.resolve()
      .then(() => this.#readAll())
      .finally(() => {
        this.#catchingUp = undefined
      })
    return this.#catchingUp
  }

  async #readAll(): Promise<void> {
    do {
      this.#again = false
      while (await this.#readPage());
    } while (this.#again)
    for (const delta of this.#waiting.splice(0)) this.#send(delta)
  }

  /** @returns whether there may be more */
  async #readPage(): Promise<boolean> {
    const since = this.#last
    const page = await this.#options.page(since)
    if (page.full) this.#last = 0
    for (const delta of page.deltas) this.#send(delta)
    this.#last = Math.max(this.#last, page.cursor)
    return page.deltas.length > 0 && page.cursor > since
  }

  #send(delta: MitigationDelta): void {
    const sequence = sequenceOf(delta)
    if (sequence <= this.#last) return
    this.#last = sequence
    this.#options.send(delta, sequence)
  }
}
