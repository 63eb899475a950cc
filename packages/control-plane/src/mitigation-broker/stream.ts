import type { ServerResponse } from 'node:http'
import { openEventStream } from '../http/event-stream.js'
import type { Logger } from '../observability/logger.js'
import { toDelta } from './deltas.js'
import { type MitigationChanges, type MitigationStore, watchMitigations } from './mitigation-store.js'

export interface StreamOptions {
  readonly mitigations: MitigationStore
  readonly stopping: AbortSignal
  readonly logger: Logger
  readonly now: () => number
  readonly heartbeatMs: number
}

/**
 * Every tenant's changes as server-sent events, from the database's change stream, so that it does not matter which
 * broker wrote them. `hello` says that nothing from here on is missed, and whether the reader's token was taken up.
 */
export async function serveStream(
  options: StreamOptions,
  response: ServerResponse,
  token: string | undefined,
): Promise<void> {
  const { changes, resumed } = await openChanges(options, token)
  const stream = openEventStream(response)
  const heartbeat = setInterval(() => sendTime('heartbeat'), options.heartbeatMs)
  const sendTime = (event: string, more: object = {}) =>
    stream.send({ event, data: JSON.stringify({ server_time: options.now(), ...more }) })
  const stop = () => void changes.close().catch(() => undefined)
  const ended = AbortSignal.any([stream.closed, options.stopping])
  ended.addEventListener('abort', stop, { once: true })
  if (ended.aborted) stop()
  try {
    sendTime('hello', { resumed })
    for (let change = await changes.next(); change !== undefined; change = await changes.next()) {
      const { mitigation, token: id } = change
      const data = JSON.stringify({ tenant_id: mitigation.tenant_id, delta: toDelta(mitigation) })
      stream.send({ event: 'mitigation', data, id })
    }
  } catch (error) {
    if (!ended.aborted) options.logger.warn({ err: error }, 'the change stream of mitigations broke; readers come back')
  } finally {
    clearInterval(heartbeat)
    stop()
    stream.close()
  }
}

/** A token that the database no longer knows is not an error: the reader is told and reads the state anew. */
async function openChanges(
  options: StreamOptions,
  token: string | undefined,
): Promise<{ readonly changes: MitigationChanges; readonly resumed: boolean }> {
  if (token !== undefined && /^[\x21-\x7e]{1,1024}$/.test(token)) {
    try {
      return { changes: await watchMitigations(options.mitigations, token), resumed: true }
    } catch (error) {
      options.logger.info({ err: error }, 'a reader came back with a token that cannot be taken up')
    }
  }
  return { changes: await watchMitigations(options.mitigations, undefined), resumed: false }
}
