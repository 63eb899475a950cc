import { z } from 'zod'
import { DomainError } from '../../http/problem.js'
import type { Page } from '../shapes.js'

const position = z.tuple([z.number(), z.string().max(200)])

/** Where a page ended: the value sorted by, and the id that breaks ties. Opaque to callers. */
export type Position = z.output<typeof position>

/** How the rows of a list become its items, and where in the order of the list a row stands. */
export interface PageCut<Row, Item> {
  readonly limit: number
  read(row: Row): Item
  position(row: Row): Position
}

/** The page out of rows of which one more than `limit` was asked for: that one tells whether another page follows. */
export function cutPage<Row, Item>(
  rows: readonly Row[],
  { limit, read, position }: PageCut<NoInfer<Row>, Item>,
): Page<Item> {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const more = rows.length > limit && last !== undefined
  return { items: page.map((row) => read(row)), next_cursor: more ? encodeCursor(position(last)) : null }
}

function encodeCursor(at: Position): string {
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
