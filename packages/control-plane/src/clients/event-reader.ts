import { setTimeout as wait } from 'node:timers/promises'
import type { ServiceClient } from './service-client.js'

export interface ServerSentEvent {
  readonly event: string
  readonly data: string
  readonly id: string | undefined
}

export interface EventReaderOptions {
  readonly client: ServiceClient
  readonly path: string
  /** Told of each event in order; what it throws ends the connection and is reported as its error. */
  readonly onEvent: (event: ServerSentEvent) => void
  /** Told at each connection, before its first event: what happened in between is unknown. */
  readonly onConnected?: () => void
  /** Told when a connection is lost or not to be had. */
  readonly onError?: (error: unknown) => void
  /** A stream that says nothing for so long is taken for dead; heartbeats must be more frequent. */
  readonly idleMs?: number
  readonly random?: () => number
}

export interface EventReader {
  readonly connected: boolean
  close(): Promise<void>
}

const IDLE_MS = 30_000
const FIRST_WAIT_MS = 50
const LONGEST_WAIT_MS = 5_000

/** Reads a stream of server-sent events for ever: reconnects with a growing, jittered wait and the last event's id. */
export function readEvents(options: EventReaderOptions): EventReader {
  const closing = new AbortController()
  const { signal } = closing
  const state = { connected: false, lastId: undefined as string | undefined, failures: 0 }
  const random = options.random ?? Math.random

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await readOnce(options, state, signal)
      } catch (error) {
        if (!signal.aborted) options.onError?.(error)
      }
      state.connected = false
      const waitMs = Math.min(FIRST_WAIT_MS * 2 ** state.failures, LONGEST_WAIT_MS) * (0.5 + random() / 2)
      state.failures += 1
      await wait(waitMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  const running = run()
  return {
    get connected() {
      return state.connected
    },
    close: async () => {
      closing.abort()
      await running
    },
  }
}

interface ReaderState {
  connected: boolean
  lastId: string | undefined
  failures: number
}

async function readOnce(options: EventReaderOptions, state: ReaderState, signal: AbortSignal): Promise<void> {
  const response = await options.client.open({
    method: 'GET',
    path: options.path,
    headers: {
      accept: 'text/event-stream',
      ...(state.lastId === undefined ? {} : { 'last-event-id': state.lastId }),
    },
    signal,
    timeoutMs: options.idleMs ?? IDLE_MS,
  })
  state.connected = true
  options.onConnected?.()
  const parser = new EventParser()
  for await (const chunk of response.body.setEncoding('utf8')) {
    for (const event of parser.push(String(chunk))) {
      state.failures = 0
      if (event.id !== undefined) state.lastId = event.id
      options.onEvent(event)
    }
  }
}

const MAX_EVENT_UNITS = 4_194_304

/** The text of `text/event-stream` in, events out. */
export class EventParser {
  #rest = ''

  push(chunk: string): readonly ServerSentEvent[] {
    this.#rest += chunk
    const blocks = this.#rest.split('\n\n')
    this.#rest = blocks.pop() ?? ''
    if (this.#rest.length > MAX_EVENT_UNITS) throw new Error('An event of the stream is too large.')
    return blocks.flatMap(parseBlock)
  }
}

function parseBlock(block: string): ServerSentEvent[] {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const [, name, value] = /^(event|data|id): ?(.*)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) fields.set(name, value)
  }
  const data = fields.get('data')
  return data === undefined ? [] : [{ event: fields.get('event') ?? 'message', data, id: fields.get('id') }]
}
