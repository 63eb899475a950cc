import { LIMITS } from '../../protocol/limits.js'
import { cutText, emptyMap, type FieldMapDraft } from './plain-data.js'

/** The path of a request target, without its query, with escapes of unreserved letters undone (RFC 3986 section 6.2.2.2). */
export function requestPath(target: string): string {
  const path = withoutOrigin(target)
  const bare = path.slice(0, pathEnd(path))
  const plain = bare.includes('%') ? bare.replace(/%([0-9a-fA-F]{2})/g, unescapeUnreserved) : bare
  return cutText(plain === '' ? '/' : plain)
}

/** The query parameters of a request target that `wanted` names; one given more than once becomes a list. */
export function requestQuery(target: string, wanted: (name: string) => boolean): FieldMapDraft {
  const query = emptyMap()
  const start = target.indexOf('?')
  if (start < 0) return query
  const fragment = target.indexOf('#', start)
  const text = target.slice(start + 1, fragment < 0 ? undefined : fragment)
  for (const pair of text.split('&', LIMITS.objectKeys)) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals))
    if (!wanted(name)) continue
    const value = cutText(equals < 0 ? '' : decoded(pair.slice(equals + 1)))
    const before = query[name]
    query[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
  }
  return query
}

/** Origin and path of a referrer: no user name, query or fragment. */
export function refererText(value: string): string {
  const bare = value.slice(0, pathEnd(value))
  return cutText(bare.includes('@') ? bare.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1') : bare)
}

/** A host name in lower case without its port and final dot. */
export function hostName(value: string): string {
  return cutText(value.trim().toLowerCase().replace(/:\d*$/, '').replace(/\.$/, ''))
}

/** Where a path ends and its query or fragment begins. */
function pathEnd(text: string): number {
  const query = text.indexOf('?')
  const fragment = text.indexOf('#')
  if (query < 0) return fragment < 0 ? text.length : fragment
  return fragment < 0 || query < fragment ? query : fragment
}

function withoutOrigin(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
}

function unescapeUnreserved(escaped: string, digits: string): string {
  const letter = String.fromCharCode(Number.parseInt(digits, 16))
  return /[A-Za-z0-9._~-]/.test(letter) ? letter : escaped.toUpperCase()
}

function decoded(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
