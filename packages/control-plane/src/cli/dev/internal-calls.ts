import { z } from 'zod'

export interface InternalCallOptions {
  /** Of esper-server's internal listener. */
  readonly internalUrl: string
  readonly serviceToken: string
}

const loginLinkSchema = z.object({ login_url: z.url() })
const operatorTokenSchema = z.object({ operator_token: z.string() })

const TOKEN_SECONDS = 86_400

/** A link that signs this local developer in, once. */
export async function createLoginLink(options: InternalCallOptions, name: string): Promise<string> {
  const answer = await post(options, 'login-links', { name })
  return loginLinkSchema.parse(answer).login_url
}

export async function createOperatorToken(options: InternalCallOptions, name: string): Promise<string> {
  const answer = await post(options, 'operator-tokens', { name, ttl_seconds: TOKEN_SECONDS })
  return operatorTokenSchema.parse(answer).operator_token
}

async function post({ internalUrl, serviceToken }: InternalCallOptions, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${internalUrl}/internal/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${serviceToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`esper-server answered ${response.status} to ${path}: ${text.slice(0, 300)}`)
  return JSON.parse(text)
}
