import { ESPER_HEADERS } from '@esper/core'
import { clientAddress } from './client-address.js'
import type { ReadRequest, RequestExtras } from './read-request.js'
import { clearanceTokens, isLocalHost, type TrustedProxies } from './request-parts.js'

/** Path and query of a URL as they stand in it. */
function target(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const end = url.indexOf('#')
  return start === -1 ? '/' : url.slice(start, end === -1 ? undefined : end)
}

/** Reads what Esper needs from a fetch request; takes nothing away from the application. */
export function readFetchRequest(request: Request, extras: RequestExtras, trust: TrustedProxies): ReadRequest {
  const { headers, method } = request
  const header = (name: string) => headers.get(name) ?? undefined
  const url = extras.url ?? target(request.url)
  const forwardedFor = header('x-forwarded-for')
  const client = clientAddress(extras.peer, forwardedFor, trust)
  const host = header('host') ?? new URL(request.url).host
  const isForwardedSecure = client.source === 'forwarded' && header('x-forwarded-proto')?.trim() === 'https'
  return {
    input: {
      method,
      url,
      host,
      headers: [...headers],
      ...(client.address === undefined ? {} : { clientIp: client.address }),
      ...(extras.route === undefined ? {} : { route: extras.route }),
    },
    facts: { method, url, accept: header('accept'), secFetchMode: header('sec-fetch-mode') },
    client,
    userAgent: header('user-agent') ?? '',
    sawForwardedFor: forwardedFor !== undefined,
    tokens: clearanceTokens(header(ESPER_HEADERS.clearance), header('cookie')),
    secure: request.url.startsWith('https:') || isLocalHost(host) || isForwardedSecure,
  }
}
