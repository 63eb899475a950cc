import { ESPER_HEADERS } from '../../protocol/headers.js'
import { LIMITS } from '../../protocol/limits.js'
import { cutText } from './plain-data.js'
import { isCredentialName } from './redaction.js'
import { foreignCookies } from './request-cookies.js'

/** A header that requests come with, and what the one being read says in it. */
export interface HeaderSlot {
  /** In lower case. */
  readonly name: string
  /** The same, cut as all text is. */
  readonly shownName: string
  /** Esper's own headers are left out before anything else reads them. */
  readonly isOwn: boolean
  readonly isCaptured: boolean
  readonly isCredential: boolean
  readonly isCookie: boolean
  /** The request that `value` is of. */
  turn: number
  value: string
}

const OWN: ReadonlySet<string> = new Set(Object.values(ESPER_HEADERS))
const MOST_NAMES = 1_000

/** The headers that requests begin with, in order. */
interface HeaderOrder {
  /** Of the requests that have no others; frozen, because they share it. */
  names: readonly string[] | undefined
  readonly next: Map<HeaderSlot, HeaderOrder>
}

const MOST_ORDERS = 2_000

/**
 * Reads the headers of one request after another: names in lower case, in the order they came, lines of one name joined
 * as HTTP joins them, Esper's own headers and cookies left out. What a name means is found out once, not at each request.
 */
export class HeaderTable {
  /** Of the request being read, in order. */
  readonly present: HeaderSlot[] = []
  readonly #captures: (name: string) => boolean
  readonly #byName = new Map<string, HeaderSlot>()
  /** By name as it is written. */
  readonly #bySpelling = new Map<string, HeaderSlot>()
  #orders = newOrder()
  #knownOrders = 0
  #turn = 0

  constructor(captures: (name: string) => boolean) {
    this.#captures = captures
  }

  /** Turns to another request: `headers` are names and values in turn. */
  read(headers: readonly string[]): void {
    this.#turn += 1
    this.present.length = 0
    const end = Math.min(headers.length - 1, LIMITS.objectKeys * 2)
    for (let at = 0; at < end; at += 2) {
      const slot = this.#slotOf(headers[at] ?? '')
      if (!slot.isOwn) this.#note(slot, headers[at + 1] ?? '')
    }
  }

  /** The value of a header, by its name in lower case. */
  value(name: string): string | undefined {
    const slot = this.#byName.get(name)
    return slot?.turn === this.#turn ? slot.value : undefined
  }

  /** The names present, in order: the same frozen list for all requests that come with the same. */
  names(): readonly string[] {
    let order = this.#orders
    for (const slot of this.present) order = order.next.get(slot) ?? this.#learnOrder(order, slot)
    order.names ??= Object.freeze(this.present.map(({ shownName }) => shownName))
    return order.names
  }

  #learnOrder(before: HeaderOrder, slot: HeaderSlot): HeaderOrder {
    // As with names: when there are too many it begins anew, and this request's order is its own.
    if (this.#knownOrders >= MOST_ORDERS) {
      this.#orders = newOrder()
      this.#knownOrders = 0
    }
    const order = newOrder()
    before.next.set(slot, order)
    this.#knownOrders += 1
    return order
  }

  #note(slot: HeaderSlot, value: string): void {
    const kept = slot.isCookie ? foreignCookies(value) : value
    if (kept === '' && slot.isCookie) return
    if (slot.turn === this.#turn) {
      slot.value = `${slot.value}${slot.isCookie ? '; ' : ', '}${kept}`
      return
    }
    slot.turn = this.#turn
    slot.value = kept
    this.present.push(slot)
  }

  #slotOf(spelling: string): HeaderSlot {
    return this.#bySpelling.get(spelling) ?? this.#learn(spelling)
  }

  #learn(spelling: string): HeaderSlot {
    // Names come from requests: whoever sends many must not fill the memory. Those of this request stay as they are.
    if (this.#bySpelling.size >= MOST_NAMES) {
      this.#bySpelling.clear()
      this.#byName.clear()
      for (const slot of this.present) this.#byName.set(slot.name, slot)
    }
    const name = spelling.toLowerCase()
    const slot = this.#byName.get(name) ?? this.#newSlot(name)
    this.#byName.set(name, slot)
    this.#bySpelling.set(spelling, slot)
    return slot
  }

  #newSlot(name: string): HeaderSlot {
    return {
      name,
      shownName: cutText(name),
      isOwn: OWN.has(name),
      isCaptured: this.#captures(name),
      isCredential: isCredentialName(name),
      isCookie: name === 'cookie',
      turn: 0,
      value: '',
    }
  }
}

function newOrder(): HeaderOrder {
  return { names: undefined, next: new Map() }
}
