import type { Readable } from 'node:stream'
import { brotliCompressSync, constants } from 'node:zlib'
import { Pool } from 'undici'
import { failureCode } from '../failure-code.js'
import type { Call } from './call.js'
import { unreferenced } from './connector.js'
import { type CallHeaders, callSigner, type Signer } from './sign-call.js'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** An answer whose body goes on. */
export interface OpenAnswer {
  readonly status: number
  readonly body: Readable
}

export interface TransportOptions extends Signer {
  readonly timeoutMs: number
  readonly userAgent: string
}

/** A call that got no whole answer. `reached` says whether the server may have acted on it. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly reached: boolean

  constructor(message: string, reached: boolean) {
    super(message)
    this.reached = reached
  }
}

/** Level 1: a batch takes about 0.1 ms, less than a round trip through the thread pool costs. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }

const NOT_SENT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** A header as one text. */
export function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Signed calls to the control plane over connections of their own, apart from everything the application does. */
export class Transport {
  readonly #options: TransportOptions
  readonly #calls: Pool
  readonly #streams: Pool
  readonly #sign: (call: Call, body: Buffer | null) => CallHeaders

  constructor(options: TransportOptions) {
    this.#options = options
    this.#sign = callSigner(options)
    const { timeoutMs } = options
    const common = { pipelining: 1, connect: unreferenced(timeoutMs), headersTimeout: timeoutMs }
    this.#calls = new Pool(options.origin, {
      ...common,
      connections: 4,
      bodyTimeout: timeoutMs,
      keepAliveTimeout: 30_000,
    })
    this.#streams = new Pool(options.origin, { ...common, connections: 1, bodyTimeout: 0 })
  }

  /** Makes a call and reads its answer, within its limits of time and size. @throws CallFailed */
  async call(call: Call): Promise<Answer> {
    const signal = AbortSignal.timeout(call.timeoutMs ?? this.#options.timeoutMs)
    try {
      const { statusCode, headers, body } = await this.#calls.request(this.#request(call, signal))
      return { status: statusCode, headers, body: await readAll(body, call.maxBytes ?? 65_536) }
    } catch (error) {
      if (error instanceof CallFailed) throw error
      const code = failureCode(error)
      throw new CallFailed(code, !NOT_SENT.has(code))
    }
  }

  /** Opens a call whose answer goes on until `signal` ends it. @throws CallFailed */
  async open(call: Call, signal: AbortSignal): Promise<OpenAnswer> {
    try {
      const { statusCode, body } = await this.#streams.request(this.#request(call, signal))
      // An abort after the last read reaches the body as an error that nobody waits for.
      body.on('error', () => undefined)
      return { status: statusCode, body }
    } catch (error) {
      throw new CallFailed(failureCode(error), false)
    }
  }

  /** Ends all connections, in the middle of whatever they do. */
  async destroy(): Promise<void> {
    await Promise.all([this.#calls.destroy(), this.#streams.destroy()])
  }

  #request(call: Call, signal: AbortSignal) {
    const { userAgent } = this.#options
    const body = bodyOf(call)
    return {
      method: call.method,
      path: call.query === undefined ? call.path : `${call.path}?${call.query}`,
      headers: { 'user-agent': userAgent, ...call.headers, ...this.#sign(call, body) },
      body,
      signal,
    }
  }
}

function bodyOf({ body, compression }: Call): Buffer | null {
  if (body === undefined) return null
  const plain = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  return compression === 'br' ? brotliCompressSync(plain, BROTLI) : plain
}

async function readAll(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    const part: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    bytes += part.length
    if (bytes > maxBytes) {
      body.destroy()
      throw new CallFailed('answer_too_large', true)
    }
    chunks.push(part)
  }
  return Buffer.concat(chunks)
}
