import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { Clock } from '@esper/core'
import { SseParser, StreamBroken } from './sse.js'
import { readStreamEvent, type StreamIdentity, type StreamMessage } from './stream-message.js'

export interface StreamWatch {
  readonly clock: Clock
  /** A stream that says nothing for so long is taken for dead. */
  readonly silenceMs: number
  /** When, in epoch milliseconds, `renew` is due. */
  readonly renewAt: () => number
  readonly renew: () => Promise<void>
}

/**
 * Reads a stream's events, each with its MAC checked, until the stream ends, falls silent or says something wrong.
 * @throws StreamBroken in the last two cases
 */
export async function* readStream(
  body: Readable,
  identity: StreamIdentity,
  watch: StreamWatch,
): AsyncGenerator<StreamMessage> {
  const parser = new SseParser()
  const decoder = new StringDecoder('utf8')
  let cancelSilence = () => {}
  const listen = () => {
    cancelSilence()
    cancelSilence = watch.clock.after(watch.silenceMs, () => body.destroy(new StreamBroken('silent')))
  }
  const stopRenewing = renewOnTime(watch)
  listen()
  try {
    for await (const chunk of body) {
      listen()
      for (const event of parser.push(decoder.write(chunk))) {
        const message = readStreamEvent(event, identity)
        if (message !== undefined) yield message
      }
    }
  } finally {
    cancelSilence()
    stopRenewing()
    body.destroy()
  }
}

const LEAST_RENEW_MS = 5_000
const MOST_TIMER_MS = 86_400_000

function renewOnTime({ clock, renewAt, renew }: StreamWatch): () => void {
  let stopped = false
  let cancel = () => {}
  const arm = () => {
    if (stopped) return
    const delayMs = Math.min(MOST_TIMER_MS, Math.max(LEAST_RENEW_MS, renewAt() - clock.now()))
    cancel = clock.after(delayMs * (1 + Math.random() / 20), () => {
      // A failed renewal is tried again at the next turn, and the stream's end is noticed elsewhere.
      const due = renewAt() <= clock.now() ? renew().catch(() => undefined) : Promise.resolve()
      void due.then(arm)
    })
  }
  arm()
  return () => {
    stopped = true
    cancel()
  }
}
