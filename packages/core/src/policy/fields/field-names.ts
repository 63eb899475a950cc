import { type PathReader, pathReader } from '../expression/path.js'
import { knownReader } from './known-readers.js'

/** The maps of the encoded record. */
export const FIELD_MAPS = ['headers', 'query', 'cookies', 'route', 'body', 'labels'] as const
export type FieldMap = (typeof FIELD_MAPS)[number]

/** What reads a field of a map without quoting a dash: `cookie_session_id` is `cookies."session_id"` or `cookies."session-id"`. */
const ALIASES: readonly (readonly [prefix: string, map: FieldMap])[] = [
  ['request_header_', 'headers'],
  ['query_', 'query'],
  ['cookie_', 'cookies'],
  ['route_', 'route'],
]

/** What a path of names means in the record. */
export type FieldReference =
  | { readonly kind: 'scalar'; readonly name: string }
  /** `names` are looked for in this order; `rest` leads on inside the value. */
  | {
      readonly kind: 'map'
      readonly map: FieldMap
      readonly names: readonly string[]
      readonly rest: readonly string[]
    }
  | { readonly kind: 'whole-map'; readonly map: FieldMap }

function asMap(name: string): FieldMap | undefined {
  return FIELD_MAPS.find((map) => map === name)
}

function aliasOf(name: string): { readonly map: FieldMap; readonly names: readonly string[] } | undefined {
  const found = ALIASES.find(([prefix]) => name.startsWith(prefix) && name.length > prefix.length)
  if (found === undefined) return undefined
  const [prefix, map] = found
  const plain = name.slice(prefix.length)
  const dashed = plain.replaceAll('_', '-')
  const names = map === 'headers' ? [dashed, plain] : [plain, dashed]
  return { map, names: dashed === plain ? [plain] : names }
}

/** Resolves a path of names, aliases included. `undefined` for an empty path. */
export function fieldReference(path: readonly string[]): FieldReference | undefined {
  const [first, second] = path
  if (first === undefined) return undefined
  const map = asMap(first)
  if (map !== undefined) {
    if (second === undefined) return { kind: 'whole-map', map }
    return { kind: 'map', map, names: [second], rest: path.slice(2) }
  }
  const alias = aliasOf(first)
  if (alias !== undefined) return { kind: 'map', ...alias, rest: path.slice(1) }
  return { kind: 'scalar', name: first === 'ip' ? 'client_ip' : first }
}

/**
 * Splits a key field, `distinct` field or watched field into its path: names joined by `.`, or by `->`, which lets a
 * name hold a dot.
 */
export function fieldPath(field: string): readonly string[] {
  return field.split(field.includes('->') ? '->' : '.').map((name) => name.trim())
}

/** A reader of a path of the record. An alias reads the property of its own name first, where a record has one. */
export function fieldReader(path: readonly string[]): PathReader {
  const plain = readerOf(path)
  const [first = '', ...rest] = path
  const targets = aliasTargets(first).map((target) => readerOf([...target, ...rest]))
  if (targets.length === 0) return plain
  const own = rest.length === 0 ? plain : pathReader([first])
  return (record) => {
    const value = own(record)
    if (value !== undefined) return rest.length === 0 ? value : plain(record)
    for (const target of targets) {
      const found = target(record)
      if (found !== undefined) return found
    }
    return undefined
  }
}

function readerOf(path: readonly string[]): PathReader {
  return knownReader(path) ?? pathReader(path)
}

function aliasTargets(name: string): readonly (readonly string[])[] {
  if (name === 'ip') return [['client_ip']]
  const alias = asMap(name) === undefined ? aliasOf(name) : undefined
  return alias === undefined ? [] : alias.names.map((target) => [alias.map, target])
}
