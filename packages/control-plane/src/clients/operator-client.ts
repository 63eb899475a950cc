import { z } from 'zod'

/** A resource as the API answers with it; which fields matter depends on the collection. */
const recordSchema = z.record(z.string(), z.unknown())
export type ApiRecord = z.infer<typeof recordSchema>

const pageSchema = z.looseObject({ items: z.array(recordSchema), next_cursor: z.string().nullish() })
export type ApiPage = z.infer<typeof pageSchema>

const problemSchema = z.looseObject({
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  errors: z
    .array(
      z.looseObject({
        path: z.string(),
        code: z.string(),
        message: z.string(),
        line: z.number().optional(),
        column: z.number().optional(),
      }),
    )
    .optional(),
})
export type ApiProblem = z.infer<typeof problemSchema>
export type ApiProblemError = NonNullable<ApiProblem['errors']>[number]

/** The API said no. */
export class RefusedByApi extends Error {
  readonly problem: ApiProblem

  constructor(problem: ApiProblem, call: string) {
    super(`${call} answered ${problem.status}: ${problem.detail}`)
    this.name = 'RefusedByApi'
    this.problem = problem
  }
}

/** Nothing that speaks the operator API answered. */
export class ApiUnreachable extends Error {
  constructor(origin: string, why: string, cause?: unknown) {
    super(`${origin} ${why}`, cause === undefined ? undefined : { cause })
    this.name = 'ApiUnreachable'
  }
}

export interface OperatorClientOptions {
  /** Origin of esper-server, for example `http://127.0.0.1:8080`. */
  readonly apiUrl: string
  readonly operatorToken: string
  readonly timeoutMs?: number
  /** Says which program calls. */
  readonly userAgent?: string
}

export type QueryValues = Readonly<Record<string, string | number | undefined>>

export interface OperatorClient {
  get(path: string, query?: QueryValues): Promise<ApiRecord>
  post(path: string, body: ApiRecord): Promise<ApiRecord>
  patch(path: string, body: ApiRecord): Promise<ApiRecord>
  remove(path: string): Promise<void>
  /** The pages of a collection, one after the other as they are asked for. */
  pages(path: string, query?: QueryValues): AsyncGenerator<ApiPage>
  /** Every item of a collection, page after page. */
  list(path: string): Promise<readonly ApiRecord[]>
}

const TIMEOUT_MS = 15_000
const PAGE_ITEMS = 100

/** Speaks the public operator API as anybody with a token can: nothing here knows more than its documentation says. */
export function createOperatorClient(options: OperatorClientOptions): OperatorClient {
  const base = new URL('/api/v1/', options.apiUrl)
  const headers = {
    authorization: `Bearer ${options.operatorToken}`,
    accept: 'application/json',
    ...(options.userAgent === undefined ? {} : { 'user-agent': options.userAgent }),
  }

  async function call(method: string, path: string, body?: ApiRecord): Promise<unknown> {
    const { status, text } = await send({
      url: new URL(path, base),
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      init: {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
    })
    const answer = parseJson(text)
    if (status >= 200 && status < 300 && answer !== undefined) return answer
    const problem = problemSchema.safeParse(answer)
    if (problem.success) throw new RefusedByApi(problem.data, `${method} ${base.pathname}${path}`)
    throw new ApiUnreachable(base.origin, `answered ${status}, but not as esper-server does. Is the address right?`)
  }

  async function* pages(path: string, query: QueryValues = {}): AsyncGenerator<ApiPage> {
    let cursor: string | undefined
    do {
      const page = pageSchema.parse(await call('GET', `${path}${queryText({ limit: PAGE_ITEMS, ...query, cursor })}`))
      yield page
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined)
  }

  return {
    pages,
    list: async (path) => {
      const items: ApiRecord[] = []
      for await (const page of pages(path)) items.push(...page.items)
      return items
    },
    get: async (path, query) => recordSchema.parse(await call('GET', `${path}${queryText(query)}`)),
    post: async (path, body) => recordSchema.parse(await call('POST', path, body)),
    patch: async (path, body) => recordSchema.parse(await call('PATCH', path, body)),
    remove: async (path) => void (await call('DELETE', path)),
  }
}

interface Send {
  readonly url: URL
  readonly init: RequestInit
  readonly timeoutMs: number
}

async function send({ url, init, timeoutMs }: Send): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError'
    throw new ApiUnreachable(url.origin, late ? `did not answer in ${timeoutMs} ms.` : 'does not answer.', error)
  }
}

/** An empty answer is an empty object. */
function parseJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return undefined
  }
}

function queryText(query: QueryValues = {}): string {
  const text = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) text.set(name, String(value))
  return text.size === 0 ? '' : `?${text}`
}
