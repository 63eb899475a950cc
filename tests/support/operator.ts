/** One of the API's answers, of which a test reads what it is about. */
export type ApiRecord = Readonly<Record<string, unknown>>

export interface PolicyResult {
  readonly policy_id: string
  readonly name: string
  readonly total: number
  readonly observe_count: number
  readonly challenge_count: number
  readonly block_count: number
  readonly enforced_count: number
  readonly cleared_count: number
  readonly shadowed_count: number
  readonly exempt_count: number
  readonly matched_count: number
  readonly not_captured_count: number
  readonly closest_n: number | null
  readonly last_matched_at: string | null
}

export interface Answer<Body = ApiRecord> {
  readonly status: number
  readonly body: Body
}

export interface Operator {
  /** Any call, any answer. */
  call(method: string, path: string, body?: unknown): Promise<Answer>
  /** Creates and expects 201. */
  create(path: string, body: unknown): Promise<ApiRecord>
  /** Changes and expects 200. */
  change(path: string, body: unknown): Promise<ApiRecord>
  get(path: string): Promise<ApiRecord>
  items(path: string): Promise<readonly ApiRecord[]>
  /** Counts of all policies by name, and of events. */
  results(tenantId: string): Promise<Results>
}

export interface Results {
  readonly events: number
  of(policyName: string): PolicyResult
}

/** Somebody who holds an operator token, at the public API. */
export function operatorOf(apiUrl: string, token: string): Operator {
  async function call<Body = ApiRecord>(method: string, path: string, sent?: unknown): Promise<Answer<Body>> {
    const authorization = `Bearer ${token}`
    const response = await fetch(new URL(path, `${apiUrl}/api/v1/`), {
      method,
      headers: sent === undefined ? { authorization } : { authorization, 'content-type': 'application/json' },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    })
    const text = await response.text()
    const body: Body = JSON.parse(text === '' ? '{}' : text)
    return { status: response.status, body }
  }

  async function expecting<Body>(status: number, answer: Promise<Answer<Body>>): Promise<Body> {
    const got = await answer
    if (got.status !== status) throw new Error(`expected ${status}, got ${got.status}: ${JSON.stringify(got.body)}`)
    return got.body
  }

  return {
    call,
    create: (path, body) => expecting(201, call('POST', path, body)),
    change: (path, body) => expecting(200, call('PATCH', path, body)),
    get: (path) => expecting(200, call('GET', path)),
    async items(path) {
      return (await expecting(200, call<{ items: readonly ApiRecord[] }>('GET', path))).items
    },
    async results(tenantId) {
      const path = `tenants/${tenantId}/results/policies?${wholeDay()}`
      const answer = call<{ events: number; items: readonly PolicyResult[] }>('GET', path)
      const { events, items } = await expecting(200, answer)
      return {
        events,
        of(policyName) {
          const found = items.find((item) => item.name === policyName)
          if (!found) throw new Error(`no results for policy "${policyName}"`)
          return found
        },
      }
    },
  }
}

/** A span of time that holds everything a test does. */
export function wholeDay(): string {
  const halfADayMs = 12 * 3_600_000
  const at = (offset: number) => new Date(Date.now() + offset).toISOString()
  return new URLSearchParams({ from: at(-halfADayMs), to: at(halfADayMs) }).toString()
}

/** How many events of a tenant there are to look at, page after page. */
export async function storedEvents(operator: Operator, tenantId: string): Promise<number> {
  let stored = 0
  let next: unknown
  do {
    const cursor = typeof next === 'string' ? `&cursor=${encodeURIComponent(next)}` : ''
    const page = await operator.get(`tenants/${tenantId}/events?${wholeDay()}&limit=200${cursor}`)
    stored += Array.isArray(page.items) ? page.items.length : 0
    next = page.next_cursor
  } while (typeof next === 'string')
  return stored
}

/** A text field of a record, such as its id. */
export function textOf(of: ApiRecord, field: string): string {
  const value = of[field]
  if (typeof value !== 'string') throw new Error(`no "${field}" in ${JSON.stringify(of)}`)
  return value
}
