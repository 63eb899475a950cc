import { z } from 'zod'

/** A resource as the API answers with it; which fields matter depends on the collection. */
const recordSchema = z.record(z.string(), z.unknown())
export type ApiRecord = z.infer<typeof recordSchema>

const pageSchema = z.object({ items: z.array(recordSchema), next_cursor: z.string().nullish() })

export interface OperatorClientOptions {
  /** Origin of esper-server, for example `http://127.0.0.1:8080`. */
  readonly apiUrl: string
  readonly operatorToken: string
  readonly timeoutMs?: number
}

export interface OperatorClient {
  get(path: string): Promise<ApiRecord>
  post(path: string, body: ApiRecord): Promise<ApiRecord>
  remove(path: string): Promise<void>
  /** Every item of a collection, page after page. */
  list(path: string): Promise<readonly ApiRecord[]>
}

/** Speaks the public operator API as anybody with a token can: nothing here knows more than its documentation says. */
export function createOperatorClient(options: OperatorClientOptions): OperatorClient {
  const base = new URL('/api/v1/', options.apiUrl)
  const timeoutMs = options.timeoutMs ?? 15_000

  async function call(method: string, path: string, body?: ApiRecord): Promise<unknown> {
    const response = await fetch(new URL(path, base), {
      method,
      headers: {
        authorization: `Bearer ${options.operatorToken}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} /api/v1/${path} answered ${response.status}: ${text.slice(0, 500)}`)
    return text === '' ? {} : JSON.parse(text)
  }

  async function list(path: string): Promise<readonly ApiRecord[]> {
    const items: ApiRecord[] = []
    let cursor: string | null | undefined
    do {
      const query = new URLSearchParams({ limit: '100', ...(cursor ? { cursor } : {}) })
      const page = pageSchema.parse(await call('GET', `${path}?${query}`))
      items.push(...page.items)
      cursor = page.next_cursor
    } while (cursor)
    return items
  }

  return {
    list,
    get: async (path) => recordSchema.parse(await call('GET', path)),
    post: async (path, body) => recordSchema.parse(await call('POST', path, body)),
    remove: async (path) => {
      await call('DELETE', path)
    },
  }
}
