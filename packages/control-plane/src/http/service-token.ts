import { createHash, timingSafeEqual } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'
import { DomainError } from './problem.js'

/** Lets only callers through that show the service token as `Authorization: Bearer …`. */
export function requireServiceToken(serviceToken: string) {
  const expected = digest(serviceToken)
  return (request: Request, _response: Response, next: NextFunction): void => {
    const [, shown = ''] = /^Bearer ([\x21-\x7e]{1,512})$/.exec(request.headers.authorization ?? '') ?? []
    // Digests have one length, so the comparison takes the same time whatever was sent.
    if (serviceToken === '' || !timingSafeEqual(digest(shown), expected)) {
      throw new DomainError('service_token_invalid', 'Internal routes need the service token.')
    }
    next()
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}
