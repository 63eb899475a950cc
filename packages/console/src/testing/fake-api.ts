import { vi } from 'vitest'

interface Answer {
  readonly status?: number
  readonly body?: unknown
}

type Handler = (body: unknown, url: URL) => Answer | Promise<Answer>

export interface FakeApi {
  /** Every call as `METHOD /path`, in order, with what was sent. */
  readonly calls: { readonly call: string; readonly body: unknown }[]
  on(call: string, handler: Handler): FakeApi
  /** From now on no call gets an answer, or again. */
  setReachable(reachable: boolean): void
}

/** Stands in for the server in tests of what the console does with answers: `on('GET /me', ...)`. */
export function fakeApi(): FakeApi {
  const handlers = new Map<string, Handler>()
  let reachable = true
  const api: FakeApi = {
    calls: [],
    on: (call, handler) => {
      handlers.set(call, handler)
      return api
    },
    setReachable: (value) => {
      reachable = value
    },
  }
  vi.stubGlobal('fetch', async (input: string, init?: RequestInit) => {
    if (!reachable) throw new TypeError('fetch failed')
    const url = new URL(input, 'http://console.test')
    const call = `${init?.method ?? 'GET'} ${url.pathname.replace('/api/v1', '')}`
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined
    api.calls.push({ call, body })
    const answer = (await handlers.get(call)?.(body, url)) ?? { status: 404, body: { detail: `no answer for ${call}` } }
    const status = answer.status ?? 200
    return new Response(status === 204 ? null : JSON.stringify(answer.body ?? {}), {
      status,
      headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' },
    })
  })
  return api
}

export function page(items: readonly unknown[]): Answer {
  return { body: { items, next_cursor: null } }
}

/** Somebody with one tenant, signed in, and the answers every page of it asks for. */
export function signedInApi(role = 'Owner'): FakeApi {
  const base = '/tenants/ten_1'
  return fakeApi()
    .on('GET /me', () => ({
      body: {
        user: { user_id: 'usr_1', name: 'Mara Keller', email: null, avatar_url: null },
        memberships: [{ tenant_id: 'ten_1', name: 'Acme', slug: 'acme', role }],
      },
    }))
    .on(`GET ${base}/sources`, () => page([]))
    .on(`GET ${base}/actions`, () => page([]))
    .on(`GET ${base}/entity-definitions`, () => page([]))
    .on(`GET ${base}/mitigations`, () => page([]))
    .on(`GET ${base}/policies`, () => page([]))
    .on(`GET ${base}/fields`, () => page([field('request_method'), field('request_path'), field('user_agent')]))
    .on(`GET ${base}/functions`, () => page([{ form: '$contains(text, sought)', meaning: 'Holds', example: 'x' }]))
    .on(`GET ${base}/events`, () => page([]))
    .on(`POST ${base}/expressions/check`, () => ({ body: { ok: true, fields: ['request_path'], warnings: [] } }))
}

function field(name: string) {
  return { name, type: 'string', meaning: `Meaning of ${name}`, example: 'x', redacted: 'never', responseOnly: false }
}
