import type { IncomingMessage } from 'node:http'
import type { BodyLimits, BodySource } from './body-source.js'
import { firstRawHeader } from './raw-headers.js'

/** The body of a node:http request. */
export class NodeBody implements BodySource {
  readonly #message: IncomingMessage
  readonly #parsed: unknown
  #reading: Promise<Uint8Array | undefined> | undefined

  constructor(message: IncomingMessage, parsed: unknown) {
    this.#message = message
    this.#parsed = parsed
  }

  get contentType(): string {
    return this.#header('content-type') ?? ''
  }

  get declaredBytes(): number | undefined {
    const length = this.#header('content-length')
    return length === undefined ? undefined : Number(length)
  }

  get exists(): boolean {
    return this.#header('transfer-encoding') !== undefined || (this.declaredBytes ?? 0) > 0
  }

  get parsed(): unknown {
    // Parsers of Express 4 leave an empty object for what is not theirs to read.
    return isEmptyObject(this.#parsed) && !this.#message.readableDidRead ? undefined : this.#parsed
  }

  #header(name: string): string | undefined {
    return firstRawHeader(this.#message.rawHeaders, name)
  }

  read(limits: BodyLimits): Promise<Uint8Array | undefined> {
    this.#reading ??= this.#read(limits)
    return this.#reading
  }

  async #read(limits: BodyLimits): Promise<Uint8Array | undefined> {
    const message = this.#message
    const isTaken = message.destroyed || message.readableFlowing === true || message.readableDidRead
    if (isTaken || !this.exists || (this.declaredBytes ?? 0) > limits.maxBytes) return undefined
    // By then, what came together with the head is there. To listen to a stream that is empty and complete ends it.
    await new Promise((resolve) => setImmediate(resolve))
    return message.complete && message.readableLength === 0 ? new Uint8Array() : this.#collect(limits)
  }

  #collect({ maxBytes, timeoutMs }: BodyLimits): Promise<Uint8Array | undefined> {
    const message = this.#message
    return new Promise((resolve) => {
      const chunks: Buffer[] = []
      let bytes = 0
      const finish = (isWhole: boolean) => {
        clearTimeout(timer)
        message.off('readable', take).off('close', broken).off('error', broken)
        const read = Buffer.concat(chunks)
        // In the turn in which it was read, or the stream would say that it has ended before the application listens.
        if (read.length > 0 && !message.destroyed) message.unshift(read)
        resolve(isWhole ? read : undefined)
      }
      const take = () => {
        // Never past the last byte: reading there makes the stream end.
        while (message.readableLength > 0 && bytes <= maxBytes) {
          const chunk: unknown = message.read()
          if (!Buffer.isBuffer(chunk)) break
          chunks.push(chunk)
          bytes += chunk.length
        }
        if (bytes > maxBytes) finish(false)
        else if (message.complete) finish(true)
        // Asks for more.
        else message.read(0)
      }
      const broken = () => finish(false)
      const timer = setTimeout(broken, timeoutMs)
      timer.unref()
      message.on('readable', take).on('close', broken).on('error', broken)
    })
  }
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
}
