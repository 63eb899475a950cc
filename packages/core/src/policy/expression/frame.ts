import type { Fields } from '../fields/fields.js'
import { type PathReader, pathReader } from './path.js'

/** A prepared expression or part of one. Returns a value, `undefined` for missing, or a `Failure`; never throws. */
export type Evaluate = (frame: Frame) => unknown

/** The distinct paths that a set of programs reads, numbered. Each is read at most once for an event. */
export class Slots {
  readonly readers: PathReader[] = []
  /** Whether `actions` is a field as any other: so for a program that is tried on records by itself. */
  readonly actionsAreAField: boolean
  readonly #numbers = new Map<string, number>()

  constructor({ actionsAreAField = false }: { readonly actionsAreAField?: boolean } = {}) {
    this.actionsAreAField = actionsAreAField
  }

  /** The number of the slot of this path. */
  slotOf(names: readonly string[], reader: PathReader = pathReader(names)): number {
    const key = JSON.stringify(names)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.readers.push(reader) - 1
    this.#numbers.set(key, number)
    return number
  }
}

const NO_FIELDS: Fields = Object.freeze(Object.create(null))
const NO_ACTIONS: readonly string[] = Object.freeze([])

/** What closures read while one event is looked at. One frame serves a policy set, event after event. */
export class Frame {
  /** The event's fields. */
  fields: Fields = NO_FIELDS
  /** What programs read: the fields, or whatever a program is tried on. */
  record: unknown = NO_FIELDS
  /** What `actions` reads as: names of the actions that matched. */
  actions: readonly string[] = NO_ACTIONS
  /** What `$` means inside a predicate. */
  item: unknown
  readonly #readers: readonly PathReader[]
  readonly #values: unknown[] = []
  /** For each slot the event it was filled for. */
  readonly #filled: number[] = []
  #event = 0

  constructor(slots: Slots) {
    this.#readers = slots.readers
  }

  /** Turns to another event: all slots are empty again. */
  begin(fields: Fields): void {
    this.tryOn(fields)
    this.fields = fields
  }

  /** Turns to a record of any form, as people try expressions on. */
  tryOn(record: unknown): void {
    this.#event += 1
    this.record = record
    this.actions = NO_ACTIONS
  }

  /** The value of a slot, read from the record the first time it is asked for. */
  read(slot: number): unknown {
    if (this.#filled[slot] === this.#event) return this.#values[slot]
    const value = this.#readers[slot]?.(this.record)
    this.#filled[slot] = this.#event
    this.#values[slot] = value
    return value
  }
}
