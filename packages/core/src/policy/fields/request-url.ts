import { LIMITS } from '../../protocol/limits.js'
import { cutText, emptyMap, type FieldMapDraft } from './plain-data.js'

/** The path of a request target, without its query, with escapes of unreserved letters undone (RFC 3986 section 6.2.2.2). */
export function requestPath(target: string): string {
  const path = withoutOrigin(target).replace(/[?#].*$/s, '')
  const plain = path.includes('%') ? path.replace(/%([0-9a-fA-F]{2})/g, unescapeUnreserved) : path
  return cutText(plain === '' ? '/' : plain)
}

/** The query parameters of a request target that `wanted` names; one given more than once becomes a list. */
export function requestQuery(target: string, wanted: (name: string) => boolean): FieldMapDraft {
  const query = emptyMap()
  const start = target.indexOf('?')
  if (start < 0) return query
  const pairs = target
    .slice(start + 1)
    .replace(/#.*$/s, '')
    .split('&', LIMITS.objectKeys)
  for (const pair of pairs) {
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
  return cutText(value.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1'))
}

/** A host name in lower case without its port and final dot. */
export function hostName(value: string): string {
  return cutText(value.trim().toLowerCase().replace(/:\d*$/, '').replace(/\.$/, ''))
}

function withoutOrigin(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
}

function unescapeUnreserved(escaped: string, digits: string): string {
  const letter = String.fromCharCode(Number.parseInt(digits, 16))
  return /[A-Za-z0-9._~-]/.test(letter) ? letter : escaped.toUpperCase()
}

function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
