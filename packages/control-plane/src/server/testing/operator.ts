import { expect } from 'vitest'

/** An answer of the API with its JSON read. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
  readonly body: any
}

export interface Operator {
  readonly token: string
  call(method: string, path: string, body?: unknown): Promise<Answer>
  get(path: string): Promise<Answer>
  post(path: string, body?: unknown): Promise<Answer>
  patch(path: string, body: unknown): Promise<Answer>
  delete(path: string): Promise<Answer>
  /** POST that must create; the record. */
  make(path: string, body: unknown): Promise<Answer['body']>
}

export function operatorWith({ url, token }: { readonly url: string; readonly token: string }): Operator {
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  return {
    token,
    call,
    get: (path) => call('GET', path),
    post: (path, body = {}) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    delete: (path) => call('DELETE', path),
    make: async (path, body) => {
      const answer = await call('POST', path, body)
      expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 })
      return answer.body
    },
  }
}

/** The problem's code and, by path, what was wrong. */
export function problemOf({ status, body }: Answer): { status: number; code: string; errors: Record<string, string> } {
  const errors: { path: string; code: string }[] = body?.errors ?? []
  return { status, code: body?.code, errors: Object.fromEntries(errors.map(({ path, code }) => [path, code])) }
}
