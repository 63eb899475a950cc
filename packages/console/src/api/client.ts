import { reachable, sessionState } from './connection.js'
import { ApiError, readProblem } from './problem.js'

const BASE = '/api/v1'

const UNREACHABLE = {
  status: 0,
  code: 'unreachable',
  title: 'The server does not answer',
  detail: 'The console cannot reach the Esper server. Check that it runs and that you are online.',
  errors: [],
}

async function readBody(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? ''
  if (response.status === 204 || !type.includes('json')) return undefined
  return response.json().catch(() => undefined)
}

interface Sent {
  readonly body?: unknown
  /** Aborts the call; it then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

async function send(method: string, path: string, { body, signal }: Sent): Promise<Response> {
  const init: RequestInit = { method, headers: { accept: 'application/json' }, credentials: 'same-origin' }
  if (signal) init.signal = signal
  if (method !== 'GET') {
    init.headers = { accept: 'application/json', 'content-type': 'application/json' }
    init.body = JSON.stringify(body ?? {})
  }
  try {
    return await fetch(BASE + path, init)
  } catch {
    signal?.throwIfAborted()
    reachable.value = false
    throw new ApiError(UNREACHABLE)
  }
}

async function call<T>(method: string, path: string, sent: Sent = {}): Promise<T> {
  const response = await send(method, path, sent)
  const answer = await readBody(response)
  reachable.value = true
  if (response.status === 401) {
    const before = sessionState.peek()
    sessionState.value = before === 'signed_in' || before === 'expired' ? 'expired' : 'signed_out'
  }
  if (!response.ok) throw new ApiError(readProblem(response.status, answer))
  // The one place where the server's word is taken for the shape of its answers.
  return answer as T
}

/** The operator API. Paths are relative to `/api/v1`; every failure is an `ApiError`. */
export const api = {
  get: <T>(path: string) => call<T>('GET', path),
  post: <T>(path: string, body?: unknown, signal?: AbortSignal) => call<T>('POST', path, { body, signal }),
  patch: <T>(path: string, body: unknown) => call<T>('PATCH', path, { body }),
  remove: (path: string) => call<void>('DELETE', path),
}

/** `?a=1&b=2` of what is defined. */
export function query(params: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) if (value !== undefined) search.set(name, String(value))
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

const PAGE_LIMIT = 100
const MOST_PAGES = 20

export interface Page<T> {
  readonly items: readonly T[]
  readonly next_cursor: string | null
}

/** Every item of a list that is small by nature (actions, policies, members). */
export async function getAll<T>(path: string): Promise<readonly T[]> {
  const items: T[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await api.get<Page<T>>(`${path}${query({ limit: PAGE_LIMIT, cursor })}`)
    items.push(...answer.items)
    if (answer.next_cursor === null || answer.next_cursor === undefined) break
    cursor = answer.next_cursor
  }
  return items
}
