import type { IncomingMessage } from 'node:http'
import { DomainError } from './problem.js'

export interface RawBodyOptions {
  /** Most bytes on the wire, whether announced or chunked. */
  readonly maxBytes: number
}

/** The body's bytes as they came. Refuses with `body_too_large` before it holds more than `maxBytes`. */
export function readRawBody(request: IncomingMessage, { maxBytes }: RawBodyOptions): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > maxBytes) return Promise.reject(tooLarge(maxBytes))
  // It may have been cut while somebody looked who is calling; nothing more is said of that.
  if (request.destroyed && !request.readableEnded) return Promise.reject(wasCut())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (finish: () => void) => {
      request.off('data', onData)
      request.off('end', onEnd)
      request.off('error', onCut)
      request.off('close', onCut)
      finish()
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) {
        chunks.push(chunk)
        return
      }
      request.pause()
      settle(() => reject(tooLarge(maxBytes)))
    }
    const onEnd = () =>
      settle(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)))
    const onCut = () => settle(() => reject(wasCut()))
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('error', onCut)
    request.on('close', onCut)
  })
}

function wasCut(): DomainError {
  return new DomainError('malformed_request', 'The body ended before its time.')
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError('body_too_large', `The body may have at most ${maxBytes} bytes.`)
}
