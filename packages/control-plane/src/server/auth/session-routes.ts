import type { Express, Request, Response } from 'express'
import { DomainError } from '../../http/problem.js'
import { refuseCrossSite } from './authenticate.js'
import { clearedSessionCookie, readSessionCookie, sessionCookie } from './cookies.js'
import { REFUSED_LINK_PAGE, REFUSED_LINK_POLICY } from './refused-link-page.js'
import type { SignIn } from './sign-in.js'

export interface SessionRoutesOptions {
  readonly signIn: SignIn
  readonly publicOrigins: readonly string[]
}

/** Where a browser begins and ends a session. */
export function sessionRoutes(app: Express, { signIn, publicOrigins }: SessionRoutesOptions): void {
  app.get('/auth/link', async (request: Request, response: Response) => {
    const { code } = request.query
    try {
      if (typeof code !== 'string' || code.length > 100) throw invalidLink()
      const { session, returnTo } = await signIn.spendLink(code)
      response.setHeader('set-cookie', sessionCookie(session))
      response.redirect(303, returnTo)
    } catch (error) {
      if (!isInvalidLink(error) || request.accepts(['json', 'html']) !== 'html') throw error
      response.status(error.status).setHeader('content-security-policy', REFUSED_LINK_POLICY)
      response.setHeader('www-authenticate', 'Bearer')
      response.type('html').send(REFUSED_LINK_PAGE)
    }
  })

  app.post('/api/v1/auth/sign-out', async (request: Request, response: Response) => {
    const session = readSessionCookie(request.headers.cookie)
    if (session !== undefined) {
      refuseCrossSite(request, publicOrigins)
      await signIn.signOut(session)
    }
    response.setHeader('set-cookie', clearedSessionCookie())
    response.status(204).end()
  })
}

function invalidLink(): DomainError {
  return new DomainError('login_link_invalid', 'This sign-in link was used before or is too old. Ask for a new one.')
}

function isInvalidLink(error: unknown): error is DomainError {
  return error instanceof DomainError && error.code === 'login_link_invalid'
}
