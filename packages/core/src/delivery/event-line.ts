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

/**
 * Writes the lines of events. Each says what `JSON.stringify` would, in a part of its time: events are plain data, names
 * come again and again, and nearly all text is what JSON writes as it is.
 */
export class EventLineWriter {
  /** Names as JSON. */
  readonly #names = new Map<string, string>()

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
      if (item !== undefined) text += `${text === '' ? '' : ','}${this.#name(name)}:${this.#value(item)}`
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
    let text = ''
    for (const item of items) {
      text += `${text === '' ? '' : ','}${typeof item === 'string' ? this.#name(item) : this.#value(item)}`
    }
    return `[${text}]`
  }

  #name(name: string): string {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const text = jsonText(name)
    // Names come from requests: whoever sends many must not fill the memory.
    if (this.#names.size >= MOST_NAMES) this.#names.clear()
    if (name.length <= LONGEST_NAME) this.#names.set(name, text)
    return text
  }
}
