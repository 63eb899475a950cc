import type { Express, Request, Response } from 'express'
import { DomainError } from '../../http/problem.js'
import { refuseCrossSite } from './authenticate.js'
import { clearedSessionCookie, readSessionCookie, sessionCookie } from './cookies.js'
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
      if (!(error instanceof DomainError) || request.accepts(['json', 'html']) !== 'html') throw error
      response.status(error.status).type('html').send(refusalPage(error.message))
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

/** `message` is one of ours and holds nothing of the request. */
function refusalPage(message: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign-in link not valid</title></head>
<body><h1>Sign-in link not valid</h1><p>${message}</p>
<p>Each link signs in once, within 15 minutes. <code>npm start</code> prints a new one at each start.</p></body></html>`
}
