import { ESPER_HEADERS, isEsperCookie } from '../../protocol/headers.js'
import { LIMITS } from '../../protocol/limits.js'

const OWN_HEADERS: ReadonlySet<string> = new Set(Object.values(ESPER_HEADERS))

/** Whether a header, in lower case, is Esper's own: such headers are stripped before encoding. */
function isOwnHeader(name: string): boolean {
  return OWN_HEADERS.has(name)
}

/** Headers by name in lower case, in the order they came, several of one name joined as HTTP joins them; Esper's own left out. */
export function readHeaders(pairs: readonly (readonly [name: string, value: string])[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  for (const [rawName, value] of pairs.slice(0, LIMITS.objectKeys)) {
    const name = rawName.toLowerCase()
    if (isOwnHeader(name)) continue
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`)
  }
  const cookie = headers.get('cookie')
  if (cookie === undefined) return headers
  const foreign = foreignCookies(cookie)
  if (foreign === '') headers.delete('cookie')
  else headers.set('cookie', foreign)
  return headers
}

/** A cookie header without Esper's own cookies. */
export function foreignCookies(header: string): string {
  if (!header.includes('esper-')) return header
  const kept = header.split(';').filter((pair) => !isEsperCookie(cookieName(pair)))
  return kept.join(';').trim()
}

/** The cookies of a header; of several with one name the first counts, as servers have it. */
export function readCookies(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of header.split(';', LIMITS.objectKeys)) {
    const name = cookieName(pair)
    const equals = pair.indexOf('=')
    if (equals < 0 || name === '' || cookies.has(name)) continue
    cookies.set(
      name,
      pair
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    )
  }
  return cookies
}

function cookieName(pair: string): string {
  const equals = pair.indexOf('=')
  return (equals < 0 ? pair : pair.slice(0, equals)).trim()
}
