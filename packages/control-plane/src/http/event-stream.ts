import type { ServerResponse } from 'node:http'

export interface StreamMessage {
  readonly event: string
  /** One line: JSON without line breaks, or a token before it. */
  readonly data: string
  readonly id?: string | undefined
}

export interface EventStream {
  /** Writes a message. A reader that is too slow to take what has piled up is cut: it comes back by its cursor. */
  send(message: StreamMessage): void
  close(): void
  /** Aborts when the stream has ended, whoever ended it. */
  readonly closed: AbortSignal
}

export interface EventStreamOptions {
  /** Bytes that may wait for a slow reader. */
  readonly maxBufferedBytes?: number
}

const MAX_BUFFERED_BYTES = 1_048_576

/** Answers with `text/event-stream`. */
export function openEventStream(response: ServerResponse, options: EventStreamOptions = {}): EventStream {
  const { maxBufferedBytes = MAX_BUFFERED_BYTES } = options
  const ended = new AbortController()
  response.once('close', () => ended.abort())
  response.on('error', () => ended.abort())
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  response.flushHeaders()
  return {
    closed: ended.signal,
    send({ event, data, id }) {
      if (ended.signal.aborted) return
      if (response.writableLength > maxBufferedBytes) {
        response.destroy()
        ended.abort()
        return
      }
      response.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`)
    },
    close() {
      if (!response.writableEnded) response.end()
      ended.abort()
    },
  }
}
