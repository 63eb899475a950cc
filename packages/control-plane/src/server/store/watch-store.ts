import { setTimeout as delay } from 'node:timers/promises'
import type { Model, mongo } from 'mongoose'
import type { Logger } from '../../observability/logger.js'

export interface ObservedChange {
  readonly id: string
  /** Of an insert. */
  readonly document: Readonly<Record<string, unknown>>
}

export interface WatchOptions<T> {
  readonly read: (change: ObservedChange) => T | undefined
  readonly onChange: (change: T) => void
  /** Changes may have been missed: look at the whole again. */
  readonly onGap: () => void
  readonly stopping: AbortSignal
  readonly logger: Logger
}

export interface Watch {
  /** Resolves when the stream has been opened for the first time. */
  readonly opened: Promise<void>
  /** Resolves when it has ended for good. */
  readonly closed: Promise<void>
}

type Operation = 'insert' | 'replace' | 'delete'
type Stream = mongo.ChangeStream<mongo.Document>

const RETRY_MS = 1_000

/** Follows a collection until the process stops: goes on where it was after an error, and says so when it cannot. */
export function watchChanges<Row, T>(
  model: Model<Row>,
  operations: readonly Operation[],
  options: WatchOptions<T>,
): Watch {
  let firstOpened: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    firstOpened = resolve
  })
  const closed = follow(model, operations, options, firstOpened)
  return { opened, closed }
}

async function follow<Row, T>(
  model: Model<Row>,
  operations: readonly Operation[],
  options: WatchOptions<T>,
  opened: () => void,
): Promise<void> {
  const { stopping, logger, onGap } = options
  let resumeAfter: mongo.ResumeToken | undefined
  for (let attempt = 0; !stopping.aborted; attempt += 1) {
    const stream = model.collection.watch([{ $match: { operationType: { $in: [...operations] } } }], {
      ...(resumeAfter === undefined ? {} : { resumeAfter }),
    })
    const close = () => void stream.close().catch(() => undefined)
    stopping.addEventListener('abort', close, { once: true })
    try {
      if (attempt > 0 && resumeAfter === undefined) onGap()
      opened()
      await drain(stream, options, (token) => {
        resumeAfter = token
      })
    } catch (error) {
      if (stopping.aborted) return
      logger.warn({ err: error, collection: model.collection.name }, 'change stream broke; opening it again')
      if (!isResumable(error)) resumeAfter = undefined
      await delay(RETRY_MS, undefined, { signal: stopping }).catch(() => undefined)
    } finally {
      stopping.removeEventListener('abort', close)
      close()
    }
  }
}

async function drain<T>(
  stream: Stream,
  { read, onChange, stopping }: WatchOptions<T>,
  remember: (token: mongo.ResumeToken) => void,
): Promise<void> {
  for await (const change of stream) {
    if (stopping.aborted) return
    remember(change._id)
    const observed = observe(change)
    const value = observed === undefined ? undefined : read(observed)
    if (value !== undefined) onChange(value)
  }
}

function observe(change: mongo.ChangeStreamDocument<mongo.Document>): ObservedChange | undefined {
  if (!('documentKey' in change)) return undefined
  const document = 'fullDocument' in change ? (change.fullDocument ?? {}) : {}
  return { id: String(change.documentKey._id), document }
}

/** A token that fell out of the oplog never works again. */
function isResumable(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return code !== 286 && code !== 280 && code !== 260
}
