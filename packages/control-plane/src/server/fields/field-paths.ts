import { FIELD_CATALOG } from '@esper/core'
import { DomainError, type FieldError } from '../../http/problem.js'

/** `map.name` for one level; body and labels are documents and go deeper. */
const MAP_PATH = /^(?:headers|query|cookies|route)\.[^.\s][^\s]*$|^(?:body|labels)(?:\.[^.\s]+)+$/
/** The spelling without a dot, where dashes are written as underscores. */
const FLAT_ALIAS = /^(?:request_header|query|cookie|route)_[A-Za-z0-9_]+$/
const MAPS: ReadonlySet<string> = new Set(['headers', 'query', 'cookies', 'route', 'body', 'labels'])

/** Throws unless each is a field of the catalog, or a path into one of its maps. */
export function requireFieldPaths(paths: readonly string[], at: string): void {
  refuse(
    at,
    paths.flatMap((path, index) => problemsOf(path, `${at}.${index}`)),
  )
}

/** The same for a single field. */
export function requireFieldPath(path: string, at: string): void {
  refuse(at, problemsOf(path, at))
}

function refuse(at: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw new DomainError('validation_failed', `Not valid: ${at}.`, { errors })
}

function problemsOf(path: string, at: string): FieldError[] {
  if (MAPS.has(path)) {
    const message = `"${path}" is a whole map; name one value in it, for example "${path}.name"`
    return [{ path: at, code: 'whole_map', message }]
  }
  const known = MAP_PATH.test(path) || FLAT_ALIAS.test(path) || FIELD_CATALOG.some((field) => field.name === path)
  if (known) return []
  return [{ path: at, code: 'unknown_field_path', message: `"${path}" is not a field; GET /fields lists them` }]
}
