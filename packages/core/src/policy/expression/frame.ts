import { fieldReader } from '../fields/field-names.js'
import type { Fields } from '../fields/fields.js'
import type { PathReader } from './path.js'
import type { Failure } from './semantics.js'

/**
 * A prepared expression or part of one. `input` is what its paths are read from: the record, or the item that a part is
 * about. Returns a value, `undefined` for missing, or a `Failure`; never throws.
 */
export type Evaluate = (input: unknown, frame: Frame) => unknown

/** One that says yes or no. Missing, as JSONata has it for many a comparison, counts as no. */
export type Condition = (input: unknown, frame: Frame) => boolean | undefined | Failure

/** Where the paths of programs are read. */
export interface PathSource {
  reader(path: readonly string[]): Evaluate
}

/** For a program by itself: paths are read from the record when they are met, and `actions` is a field as any other. */
export const DIRECT: PathSource = { reader: fieldReader }

/** For the programs of a set: their distinct paths, numbered. Each is read at most once for an event. */
export class Slots implements PathSource {
  readonly readers: PathReader[] = []
  readonly #known = new Map<string, Evaluate>()

  reader(path: readonly string[]): Evaluate {
    if (path[0] === 'actions') return path.length === 1 ? readActions : readNothing
    const key = JSON.stringify(path)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const slot = this.readers.push(fieldReader(path)) - 1
    const reader: Evaluate = (_input, frame) => frame.read(slot)
    this.#known.set(key, reader)
    return reader
  }
}

const readActions: Evaluate = (_input, frame) => frame.actions
const readNothing: Evaluate = () => undefined

const NO_FIELDS: Fields = Object.freeze(Object.create(null))
const NO_ACTIONS: readonly string[] = Object.freeze([])
const MOST_EVENTS = 2 ** 31 - 1

/** What closures read while one event is looked at. One frame serves a policy set, event after event. */
export class Frame {
  /** The event's fields. */
  fields: Fields = NO_FIELDS
  /** What programs read: the fields, or whatever a program is tried on. */
  record: unknown = NO_FIELDS
  /** What `actions` reads as: names of the actions that matched. */
  actions: readonly string[] = NO_ACTIONS
  /** Work of this evaluation, counted by what may take much of it. */
  work = 0
  readonly #readers: readonly PathReader[]
  #values: unknown[] = []
  /** For each slot the number of the event it was filled for. */
  #filled = new Int32Array()
  #event = 0

  constructor({ readers }: Pick<Slots, 'readers'> = { readers: [] }) {
    this.#readers = readers
    this.#reserve()
  }

  /** Turns to another event: all slots are empty again. */
  begin(fields: Fields): void {
    this.tryOn(fields)
    this.fields = fields
  }

  /** Turns to a record of any form, as people try expressions on. */
  tryOn(record: unknown): void {
    if (this.#event === MOST_EVENTS) this.#reserve()
    this.#event += 1
    this.record = record
    this.actions = NO_ACTIONS
  }

  /** The value of a slot, read from the record the first time it is asked for. */
  read(slot: number): unknown {
    return this.#filled[slot] === this.#event ? this.#values[slot] : this.#fill(slot)
  }

  #fill(slot: number): unknown {
    if (slot >= this.#filled.length) this.#reserve()
    const value = this.#readers[slot]?.(this.record)
    this.#filled[slot] = this.#event
    this.#values[slot] = value
    return value
  }

  /** Makes room for all slots there are by now, and empties them. */
  #reserve(): void {
    this.#values = new Array<unknown>(this.#readers.length).fill(undefined)
    this.#filled = new Int32Array(this.#readers.length)
    this.#event = Math.max(1, this.#event % MOST_EVENTS)
  }
}
