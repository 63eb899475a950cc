import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** A log as it is read from its beginning. */
export interface OpenLog {
  /** What is in it, inflated. Fails when the file cannot be read or is no whole gzip. */
  readonly content: Readable
  /** Bytes of the file that were read so far, for a progress bar. */
  readonly bytesRead: () => number
  /** Bytes of the file; undefined for standard input. */
  readonly totalBytes: number | undefined
}

/** Opens a file, or standard input for `-`; gzip is recognised by its first bytes. @throws when it cannot be opened */
export async function openLog(path: string): Promise<OpenLog> {
  if (path === '-') return await inflated(process.stdin, undefined)
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    return await inflated(createReadStream(path, { highWaterMark: 262_144 }), size)
  } finally {
    await file.close()
  }
}

async function inflated(source: Readable, totalBytes: number | undefined): Promise<OpenLog> {
  let read = 0
  const pieces = source[Symbol.asyncIterator]()
  const first = await pieces.next()
  const start = first.done === true ? Buffer.alloc(0) : Buffer.from(first.value)
  async function* all(): AsyncGenerator<Buffer> {
    read += start.length
    yield start
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
      const piece = Buffer.from(next.value)
      read += piece.length
      yield piece
    }
  }
  const raw = Readable.from(all(), { objectMode: false })
  const isGzip = start[0] === 0x1f && start[1] === 0x8b
  const content = pipeline(raw, isGzip ? createGunzip() : new PassThrough(), () => undefined)
  return { content, bytesRead: () => read, totalBytes }
}
