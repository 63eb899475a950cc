import type { Express } from 'express'
import { z } from 'zod'
import { validate } from '../../http/validation.js'
import { isLocalPath } from '../auth/cookies.js'
import type { SignIn } from '../auth/sign-in.js'
import { nameShape } from '../shapes.js'

export interface DevLogin {
  readonly signIn: SignIn
  /** Where the console is. */
  readonly origin: string
}

const DAY_SECONDS = 86_400

const linkInput = z.strictObject({
  name: nameShape,
  return_to: z
    .string()
    .max(500)
    .refine(isLocalPath, 'must be a path of the console, beginning with one "/"')
    .default('/'),
})

const tokenInput = z.strictObject({
  name: nameShape,
  ttl_seconds: z
    .int()
    .min(1, 'must be at least 1 second')
    .max(30 * DAY_SECONDS, 'must be at most 30 days'),
})

/** Signs in whoever runs Esper on this machine. One name is one person, at every start. */
export function devLoginRoutes(app: Express, base: string, { signIn, origin }: DevLogin): void {
  const localPerson = (name: string) => ({ provider: 'local', subject: name })

  app.post(`${base}/login-links`, async (request, response) => {
    const { name, return_to: returnTo } = validate(linkInput, request.body)
    const { code, expires_at } = await signIn.issueLink(localPerson(name), { name, returnTo })
    const login_url = `${origin}/auth/link?code=${code}`
    response.status(201).json({ login_url, expires_at: expires_at.toISOString() })
  })

  app.post(`${base}/operator-tokens`, async (request, response) => {
    const { name, ttl_seconds: ttlSeconds } = validate(tokenInput, request.body)
    const { token, expires_at } = await signIn.issueToken(localPerson(name), { name, ttlSeconds })
    response.status(201).json({ operator_token: token, expires_at: expires_at.toISOString() })
  })
}
