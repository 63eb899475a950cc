import { jsonText } from '../codec/json-text.js'
import { isRecord } from '../policy/expression/semantics.js'
import type { EventLine } from '../protocol/event.js'

/** What the application answered. Nothing where Esper itself gave the answer. */
export interface EventResponse {
  readonly status: number
  /** Milliseconds from the request to the end of its answer. */
  readonly ms: number
}

const MOST_NAMES = 2_000
const LONGEST_NAME = 64

/** A name as it begins a member or an item: the first of an object or list, or one behind others. */
interface NameTexts {
  readonly first: string
  readonly next: string
}

/**
 * Writes the lines of events. Each says what `JSON.stringify` would, in a part of its time: events are plain data, names
 * come again and again, and nearly all text is what JSON writes as it is.
 */
export class EventLineWriter {
  readonly #names = new Map<string, NameTexts>()
  /** Of lists that never change: names of headers come as the same ones again and again. */
  readonly #lists = new WeakMap<readonly unknown[], string>()

  /** The line of an event, with what the application answered, if it did. */
  write({ event_id: id, observed_at: at, fields, decision }: EventLine, response?: EventResponse): string {
    const answered = response === undefined ? '' : `"response_status":${response.status},"response_ms":${response.ms}`
    const said = decision === undefined ? '' : `,"decision":${this.#value(decision)}`
    return `{"event_id":${jsonText(id)},"observed_at":${at},"fields":${this.#object(fields, answered)}${said}}`
  }

  /** An object as JSON, behind members that are written already. */
  #object(value: { readonly [name: string]: unknown }, members: string): string {
    let text = members
    for (const name in value) {
      const item = value[name]
      if (item === undefined) continue
      const { first, next } = this.#name(name)
      text += (text === '' ? first : next) + this.#value(item)
    }
    return `{${text}}`
  }

  #value(value: unknown): string {
    if (typeof value === 'string') return jsonText(value)
    if (typeof value === 'number') return Number.isFinite(value) ? `${value}` : 'null'
    if (Array.isArray(value)) return this.#list(value)
    return isRecord(value) ? this.#object(value, '') : (JSON.stringify(value) ?? 'null')
  }

  #list(items: readonly unknown[]): string {
    const known = this.#lists.get(items)
    if (known !== undefined) return known
    const text = `[${items.map((item) => this.#value(item)).join(',')}]`
    if (Object.isFrozen(items) && items.every(isText)) this.#lists.set(items, text)
    return text
  }

  #name(name: string): NameTexts {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const first = `${jsonText(name)}:`
    const texts = { first, next: `,${first}` }
    // Names come from requests: whoever sends many must not fill the memory.
    if (this.#names.size >= MOST_NAMES) this.#names.clear()
    if (name.length <= LONGEST_NAME) this.#names.set(name, texts)
    return texts
  }
}

function isText(item: unknown): boolean {
  return typeof item === 'string'
}
