import { ApiError, type FieldIssue } from '../../api/problem.js'
import type { ListEntryInput } from '../../api/types.js'
import type { ReadEntries, ReadEntry } from './parse-entries.js'

/** What was read as it is sent. @throws ApiError while a line could not be read, so that the form says so */
export function entriesToSend({ entries, problems }: ReadEntries): readonly ListEntryInput[] {
  if (problems.length === 0) return entries.map(({ entry }) => entry)
  const errors = problems.map(({ line, message }) => ({
    path: 'entries',
    code: 'unreadable',
    message: `Line ${line}: ${message}`,
  }))
  throw new ApiError({ status: 0, code: 'unreadable', title: 'Some lines could not be read', detail: '', errors })
}

/** What the API says of `entries.3.value`, said of the line that entry was read from. */
export function atLines(error: unknown, entries: readonly ReadEntry[]): unknown {
  if (!(error instanceof ApiError)) return error
  const errors = error.problem.errors.map((issue): FieldIssue => {
    const index = /^entries\.(\d+)/.exec(issue.path)?.[1]
    const line = index === undefined ? undefined : entries[Number(index)]?.line
    return line === undefined ? issue : { ...issue, path: 'entries', message: `Line ${line} ${issue.message}` }
  })
  return new ApiError({ ...error.problem, errors })
}
