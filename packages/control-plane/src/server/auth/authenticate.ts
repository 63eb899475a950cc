import type { IncomingMessage } from 'node:http'
import { DomainError } from '../../http/problem.js'
import { readSessionCookie } from './cookies.js'
import type { Principal, SignIn } from './sign-in.js'

const TOKEN = /^Bearer (eop_[A-Za-z0-9_-]{43})$/

export interface AuthenticateOptions {
  readonly signIn: SignIn
  /** Where the console may be served from. */
  readonly publicOrigins: readonly string[]
}

/**
 * Who calls. A bearer token speaks for itself and the cookie beside it is not looked at; a cookie, which a browser adds on
 * its own, changes something only for a page of ours.
 */
export function createAuthenticate({ signIn, publicOrigins }: AuthenticateOptions) {
  return async (request: IncomingMessage): Promise<Principal> => {
    const principal =
      request.headers.authorization === undefined
        ? await byCookie(request, signIn, publicOrigins)
        : await byBearer(request.headers.authorization, signIn)
    if (principal === undefined)
      throw new DomainError('unauthenticated', 'Sign in, or show an operator token that is live.')
    return principal
  }
}

async function byBearer(authorization: string, signIn: SignIn): Promise<Principal | undefined> {
  const [, token] = TOKEN.exec(authorization) ?? []
  return token === undefined ? undefined : signIn.byToken(token)
}

async function byCookie(
  request: IncomingMessage,
  signIn: SignIn,
  publicOrigins: readonly string[],
): Promise<Principal | undefined> {
  const session = readSessionCookie(request.headers.cookie)
  if (session === undefined) return undefined
  if (changesSomething(request.method)) refuseCrossSite(request, publicOrigins)
  return signIn.bySession(session)
}

function changesSomething(method: string | undefined): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'
}

/** Throws unless the browser says that a page of ours sent this, or, saying nothing of it, names one of our origins. */
export function refuseCrossSite(request: IncomingMessage, publicOrigins: readonly string[]): void {
  const site = request.headers['sec-fetch-site']
  if (site === 'same-origin' || site === 'none') return
  const { origin } = request.headers
  if (site === undefined && origin !== undefined && publicOrigins.includes(origin)) return
  throw new DomainError('cross_site_request', 'A change must come from the console itself, or carry an operator token.')
}
