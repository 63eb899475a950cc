import type { BlockList } from 'node:net'
import { CLEARANCE_COOKIE_PLAIN, CLEARANCE_COOKIE_SECURE } from '@esper/core'

/** Whose word about the client is taken: so many proxies in front, or those in these ranges. */
export type TrustedProxies = number | BlockList

const MAX_TOKENS = 4
const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i

/** Whether browsers keep secure cookies for this host whatever the scheme. */
export function isLocalHost(host: string | undefined): boolean {
  return LOCAL_HOST.test(host ?? '')
}

/** The clearances a request carries, in its header and its cookies. */
export function clearanceTokens(header: string | undefined, cookie: string | undefined): readonly string[] {
  const inCookies = cookieTokens(cookie)
  return header === undefined ? inCookies : [header, ...inCookies]
}

function cookieTokens(cookie: string | undefined): readonly string[] {
  if (cookie === undefined || !cookie.includes('esper-clr=')) return []
  for (const part of cookie.split(';')) {
    const [name = '', value = ''] = part.trim().split('=', 2)
    if (name === CLEARANCE_COOKIE_SECURE || name === CLEARANCE_COOKIE_PLAIN)
      return value.split('~').slice(0, MAX_TOKENS)
  }
  return []
}
