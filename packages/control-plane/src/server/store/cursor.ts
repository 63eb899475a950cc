import { z } from 'zod'
import { DomainError } from '../../http/problem.js'

const position = z.tuple([z.number(), z.string().max(200)])

/** Where a page ended: the value sorted by, and the id that breaks ties. Opaque to callers. */
export type Position = z.output<typeof position>

export function encodeCursor(at: Position): string {
  return Buffer.from(JSON.stringify(at), 'utf8').toString('base64url')
}

export function decodeCursor(cursor: string): Position {
  try {
    return position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch (error) {
    throw new DomainError('validation_failed', 'Not valid: cursor.', {
      errors: [{ path: 'cursor', code: 'invalid_format', message: 'is not a cursor of this list' }],
      cause: error,
    })
  }
}
