import { type Dispatcher, Pool } from 'undici'
import { ERROR_CODES, type ErrorCode } from '../http/error-codes.js'
import { DomainError } from '../http/problem.js'

export interface ServiceClientOptions {
  /** As it is named in errors, for example `ingestion broker`. */
  readonly name: string
  readonly url: string
  readonly serviceToken: string
  readonly timeoutMs?: number
}

export interface ServiceRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly json?: unknown
  /** Sent as it is; `headers` then says what it is. */
  readonly body?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** For answers that are long in coming by design. */
  readonly timeoutMs?: number
}

export interface ServiceClient {
  readonly name: string
  /** The answer's JSON. Services are trusted by their token, so the contract's type is taken at its word. */
  request<T>(request: ServiceRequest): Promise<T>
  /** An answer to be read as it comes. */
  open(request: ServiceRequest): Promise<Dispatcher.ResponseData>
  close(): Promise<void>
}

const TIMEOUT_MS = 10_000
const CONNECTIONS = 32
const BASE = '/internal/v1'

/** A client of one service's internal HTTP. Whatever goes wrong is a `DomainError`, so that an edge can pass it on. */
export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const { name, serviceToken, timeoutMs = TIMEOUT_MS } = options
  const { origin, pathname } = new URL(options.url)
  const prefix = pathname.replace(/\/$/, '') + BASE
  const pool = new Pool(origin, { connections: CONNECTIONS, connect: { timeout: 3_000 }, keepAliveTimeout: 10_000 })

  async function open(request: ServiceRequest): Promise<Dispatcher.ResponseData> {
    const { method, json, signal } = request
    const body = json === undefined ? request.body : JSON.stringify(json)
    try {
      return await pool.request({
        method,
        path: prefix + request.path + queryText(request.query),
        headers: {
          authorization: `Bearer ${serviceToken}`,
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        body: body ?? null,
        signal: signal ?? null,
        headersTimeout: request.timeoutMs ?? timeoutMs,
        bodyTimeout: request.timeoutMs ?? timeoutMs,
      })
    } catch (error) {
      if (signal?.aborted === true) throw error
      throw new DomainError('dependency_unavailable', `The ${name} does not answer.`, {
        retryAfterSeconds: 2,
        cause: error,
      })
    }
  }

  return {
    name,
    open: async (request) => {
      const response = await open(request)
      if (response.statusCode >= 400) throw await problemOf(name, response)
      return response
    },
    async request<T>(request: ServiceRequest): Promise<T> {
      const response = await open(request)
      if (response.statusCode >= 400) throw await problemOf(name, response)
      const value: T = parse(name, await readText(name, response))
      return value
    },
    close: () => pool.destroy(),
  }
}

async function readText(name: string, response: Dispatcher.ResponseData): Promise<string> {
  try {
    return await response.body.text()
  } catch (error) {
    throw new DomainError('dependency_unavailable', `The ${name} broke off its answer.`, { cause: error })
  }
}

function parse(name: string, text: string) {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DomainError('dependency_unavailable', `The ${name} gave an answer that is not JSON.`, { cause: error })
  }
}

async function problemOf(name: string, response: Dispatcher.ResponseData): Promise<DomainError> {
  const text = await readText(name, response)
  const retryAfter = Number(response.headers['retry-after'] ?? Number.NaN)
  const known = knownProblem(text)
  const wait = Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}
  if (known !== undefined) return new DomainError(known.code, known.detail, wait)
  const message = `The ${name} answered ${response.statusCode}.`
  return new DomainError('dependency_unavailable', message, { ...wait, cause: new Error(text.slice(0, 500)) })
}

/** A problem that another caller may see as it is; a wrong service token or a fault inside is a matter of ours. */
function knownProblem(text: string): { readonly code: ErrorCode; readonly detail: string } | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('code' in value) || !('detail' in value)) return undefined
  const { code, detail } = value
  if (!isErrorCode(code) || typeof detail !== 'string') return undefined
  return code === 'internal' || code === 'service_token_invalid' ? undefined : { code, detail }
}

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value)
}

function queryText(query: ServiceRequest['query']): string {
  const text = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) text.set(name, String(value))
  return text.size === 0 ? '' : `?${text.toString()}`
}
