import { FIELD_CATALOG, fieldPath, fieldReference } from '@esper/core'
import { DomainError, type FieldError } from '../../http/problem.js'

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

function problemsOf(field: string, at: string): FieldError[] {
  const path = fieldPath(field)
  const reference = path.includes('') ? undefined : fieldReference(path)
  const [first] = path
  if (reference?.kind === 'whole-map') {
    const message = `"${field}" is a whole map; name one value in it, for example "${field}.name"`
    return [{ path: at, code: 'whole_map', message }]
  }
  if (reference?.kind === 'map') return first === 'headers' ? lowerCaseOnly(field, at) : []
  const known = path.length === 1 && FIELD_CATALOG.some(({ name }) => name === first)
  if (reference !== undefined && known) return []
  return [{ path: at, code: 'unknown_field_path', message: `"${field}" is not a field; the field catalog lists them` }]
}

/** Headers are recorded in lower case: any other spelling would never be there. */
function lowerCaseOnly(field: string, at: string): FieldError[] {
  const lower = field.toLowerCase()
  if (field === lower) return []
  return [{ path: at, code: 'unknown_field_path', message: `write header names in lower case: "${lower}"` }]
}
