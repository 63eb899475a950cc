/** One server-sent event. */
export interface ServerSentEvent {
  readonly event: string
  readonly data: string
  readonly id: string
}

/** Longest event that is kept while it comes in. */
const MAX_EVENT_UNITS = 1_048_576

/** Thrown when the sender does not speak the protocol. */
export class StreamBroken extends Error {
  override readonly name = 'StreamBroken'
}

/** Puts server-sent events together from chunks of text, whatever the cuts. Comments and unknown fields are skipped. */
export class SseParser {
  #buffer = ''
  #event = ''
  #id = ''
  #data: string[] = []

  /** The events that are complete with this chunk. @throws StreamBroken when one grows beyond all measure */
  push(chunk: string): ServerSentEvent[] {
    this.#buffer += chunk
    const lines = this.#buffer.split(/\r\n|\n|\r(?!$)/)
    this.#buffer = lines.pop() ?? ''
    if (this.#buffer.length > MAX_EVENT_UNITS) throw new StreamBroken('event_too_large')
    const events: ServerSentEvent[] = []
    for (const line of lines) {
      if (line !== '') this.#field(line)
      else if (this.#data.length > 0) events.push(this.#finish())
      else this.#reset()
    }
    return events
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.#event = value
    else if (name === 'data') this.#data.push(value)
    else if (name === 'id') this.#id = value
  }

  #finish(): ServerSentEvent {
    const event = { event: this.#event === '' ? 'message' : this.#event, data: this.#data.join('\n'), id: this.#id }
    this.#reset()
    return event
  }

  #reset(): void {
    this.#event = ''
    this.#id = ''
    this.#data = []
  }
}
