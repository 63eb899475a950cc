import type { BodyLimits, BodySource } from './body-source.js'

/** The body of a fetch request: read from a copy, so that the application has its own. */
export class FetchBody implements BodySource {
  readonly contentType: string
  readonly declaredBytes: number | undefined
  readonly parsed = undefined
  readonly #request: Request
  #reading: Promise<Uint8Array | undefined> | undefined

  constructor(request: Request) {
    const length = request.headers.get('content-length')
    this.#request = request
    this.contentType = request.headers.get('content-type') ?? ''
    this.declaredBytes = length === null ? undefined : Number(length)
  }

  get exists(): boolean {
    return this.#request.body !== null
  }

  read(limits: BodyLimits): Promise<Uint8Array | undefined> {
    this.#reading ??= this.#read(limits)
    return this.#reading
  }

  async #read({ maxBytes, timeoutMs }: BodyLimits): Promise<Uint8Array | undefined> {
    if (this.#request.bodyUsed || (this.declaredBytes ?? 0) > maxBytes) return undefined
    try {
      const stream = this.#request.clone().body
      return stream === null ? undefined : await readAtMost(stream, { maxBytes, timeoutMs })
    } catch {
      // Somebody holds the stream, or the connection broke.
      return undefined
    }
  }
}

async function readAtMost(stream: ReadableStream<Uint8Array>, limits: BodyLimits): Promise<Uint8Array | undefined> {
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  let isLate = false
  // Ends the wait for this copy only; the application's own goes on.
  const stop = () => void reader.cancel().catch(() => undefined)
  const timer = setTimeout(() => {
    isLate = true
    stop()
  }, limits.timeoutMs)
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      bytes += next.value.byteLength
      if (bytes > limits.maxBytes) {
        stop()
        return undefined
      }
      chunks.push(next.value)
    }
    return isLate ? undefined : joined(chunks, bytes)
  } finally {
    clearTimeout(timer)
  }
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
