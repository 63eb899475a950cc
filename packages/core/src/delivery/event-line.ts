import { isPlainText, jsonText } from '../codec/json-text.js'
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
 * A name with what comes before and behind it, as it begins a member: `{`, after a text whose last quote is not written
 * yet, or after anything else; and before a text, whose first quote it brings along, or before anything else.
 */
type NameTexts = readonly [
  first: string,
  firstText: string,
  afterText: string,
  textAfterText: string,
  after: string,
  textAfter: string,
]

const AFTER_TEXT = 2
const AFTER = 4

/**
 * Writes the lines of events. Each says what `JSON.stringify` would, in a part of its time: events are plain data, names
 * come again and again, and nearly all text is what JSON writes as it is. Every piece that is joined costs, when it is
 * joined and when the line is laid out in one, so quotes are part of the names around them.
 */
export class EventLineWriter {
  readonly #names = new Map<string, NameTexts>()
  /** Of lists that never change: names of headers come as the same ones again and again. */
  readonly #lists = new WeakMap<readonly unknown[], string>()

  /** The line of an event, with what the application answered, if it did. */
  write({ event_id: id, observed_at: at, fields, decision }: EventLine, response?: EventResponse): string {
    const answered = response === undefined ? '' : `"response_status":${response.status},"response_ms":${response.ms}`
    const head = `{"event_id":${jsonText(id)},"observed_at":${at},"fields":{${answered}`
    const text = this.#members(head, fields, answered === '')
    return decision === undefined ? `${text}}` : `${this.#value(`${text},"decision":`, decision)}}`
  }

  /** Adds an object's members and its end to a text in which it has begun. */
  #members(begun: string, value: { readonly [name: string]: unknown }, isFirst: boolean): string {
    let text = begun
    let place = isFirst ? 0 : AFTER
    for (const name in value) {
      const item = value[name]
      if (item === undefined) continue
      const names = this.#name(name)
      if (typeof item === 'string' && isPlainText(item)) {
        text += names[place + 1] ?? ''
        text += item
        place = AFTER_TEXT
      } else {
        text += names[place] ?? ''
        text = this.#value(text, item)
        place = AFTER
      }
    }
    return place === AFTER_TEXT ? `${text}"}` : `${text}}`
  }

  #value(begun: string, value: unknown): string {
    if (typeof value === 'number') return begun + (Number.isFinite(value) ? value : 'null')
    if (Array.isArray(value)) return begun + this.#list(value)
    if (isRecord(value)) return this.#members(`${begun}{`, value, true)
    return begun + (JSON.stringify(value) ?? 'null')
  }

  #list(items: readonly unknown[]): string {
    const known = this.#lists.get(items)
    if (known !== undefined) return known
    const texts = items.map((item) => (typeof item === 'string' ? jsonText(item) : this.#value('', item)))
    const text = `[${texts.join(',')}]`
    if (Object.isFrozen(items) && items.every(isText)) this.#lists.set(items, text)
    return text
  }

  #name(name: string): NameTexts {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const first = `${jsonText(name)}:`
    const texts: NameTexts = [first, `${first}"`, `",${first}`, `",${first}"`, `,${first}`, `,${first}"`]
    // Names come from requests: whoever sends many must not fill the memory.
    if (this.#names.size >= MOST_NAMES) this.#names.clear()
    if (name.length <= LONGEST_NAME) this.#names.set(name, texts)
    return texts
  }
}

function isText(item: unknown): boolean {
  return typeof item === 'string'
}
