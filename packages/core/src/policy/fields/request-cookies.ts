import { isEsperCookie } from '../../protocol/headers.js'
import { LIMITS } from '../../protocol/limits.js'

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
