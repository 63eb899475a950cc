import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import { DomainError } from '../../http/problem.js'

/** The built console beside the code: `dist/console` of this package, whether the code runs built or from source. */
export function consoleFolder(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    if (!existsSync(join(folder, 'package.json'))) continue
    const built = join(folder, 'dist', 'console')
    return existsSync(join(built, 'index.html')) ? built : undefined
  }
  return undefined
}

const NOT_OURS = /^\/(?:api|auth|v1|internal)(?:\/|$)/

/** Serves the console: its files, and its page for every address that the page itself knows how to show. */
export function consoleRoutes(app: Express, folder: string | undefined): void {
  if (folder !== undefined) {
    const immutable = 'public, max-age=31536000, immutable'
    const files = express.static(folder, {
      index: false,
      redirect: false,
      // Names under assets/ hold a hash of what is in them.
      setHeaders: (response, path) => {
        const isHashed = path.startsWith(join(folder, 'assets'))
        response.setHeader('cache-control', isHashed ? immutable : 'no-cache')
      },
    })
    app.use(files)
  }
  app.use((request: Request, response: Response, next: NextFunction) => {
    const isPage = request.method === 'GET' || request.method === 'HEAD'
    // The front door opens to whoever knocks; further in, a program that does not ask for a page gets a problem.
    const wantsPage = request.path === '/' || request.accepts(['json', 'html']) === 'html'
    if (!isPage || NOT_OURS.test(request.path) || !wantsPage) {
      next()
      return
    }
    if (folder === undefined) throw new DomainError('not_found', 'The console has not been built: run "npm run build".')
    response.setHeader('cache-control', 'no-cache')
    response.sendFile(join(folder, 'index.html'))
  })
}
