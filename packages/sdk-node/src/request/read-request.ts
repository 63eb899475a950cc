import type { IncomingMessage } from 'node:http'
import type { BlockList } from 'node:net'
import type { RequestInput } from '@esper/core'
import { CLEARANCE_COOKIE_PLAIN, CLEARANCE_COOKIE_SECURE, ESPER_HEADERS } from '@esper/core'
import type { RequestFacts } from '../enforce/reply.js'
import { type ClientAddress, clientAddress } from './client-address.js'

/** What a framework knows of a request beyond the request itself. */
export interface RequestExtras {
  /** Path and query as they came, where the framework has since changed `request.url`. */
  readonly url?: string | undefined
  readonly route?: Readonly<Record<string, string>> | undefined
  /** The parsed body, when a parser ran first. */
  readonly body?: unknown
}

/** A request as Esper reads it, once. */
export interface ReadRequest {
  readonly input: RequestInput
  readonly facts: RequestFacts
  readonly client: ClientAddress
  readonly userAgent: string
  readonly sawForwardedFor: boolean
  /** Clearances the request carries, at most four. */
  readonly tokens: readonly string[]
  readonly secure: boolean
}

const MAX_TOKENS = 4
const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

function pairs(rawHeaders: readonly string[]): [name: string, value: string][] {
  const list: [string, string][] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) list.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? ''])
  return list
}

function cookieTokens(cookie: string | undefined): string[] {
  if (cookie === undefined || !cookie.includes('esper-clr=')) return []
  for (const part of cookie.split(';')) {
    const [name = '', value = ''] = part.trim().split('=', 2)
    if (name === CLEARANCE_COOKIE_SECURE || name === CLEARANCE_COOKIE_PLAIN)
      return value.split('~').slice(0, MAX_TOKENS)
  }
  return []
}

function isSecure(request: IncomingMessage, client: ClientAddress): boolean {
  if (Reflect.get(request.socket, 'encrypted') === true) return true
  if (LOCAL_HOST.test(request.headers.host ?? '')) return true
  // Only a proxy that is believed about the address is believed about the scheme.
  return client.source === 'forwarded' && single(request.headers['x-forwarded-proto'])?.trim() === 'https'
}

/** Reads what Esper needs from a node:http request; takes nothing away from the application. */
export function readRequest(request: IncomingMessage, extras: RequestExtras, trust: number | BlockList): ReadRequest {
  const { headers } = request
  const method = request.method ?? 'GET'
  const url = extras.url ?? request.url ?? '/'
  const forwardedFor = single(headers['x-forwarded-for'])
  const client = clientAddress(request.socket.remoteAddress, forwardedFor, trust)
  const header = headers[ESPER_HEADERS.clearance]
  const tokens = [...(typeof header === 'string' ? [header] : []), ...cookieTokens(headers.cookie)]
  return {
    input: {
      method,
      url,
      headers: pairs(request.rawHeaders),
      ...(headers.host === undefined ? {} : { host: headers.host }),
      ...(client.address === undefined ? {} : { clientIp: client.address }),
      ...(extras.route === undefined ? {} : { route: extras.route }),
      ...(extras.body === undefined ? {} : { body: extras.body }),
    },
    facts: { method, url, accept: headers.accept, secFetchMode: single(headers['sec-fetch-mode']) },
    client,
    userAgent: headers['user-agent'] ?? '',
    sawForwardedFor: forwardedFor !== undefined,
    tokens,
    secure: isSecure(request, client),
  }
}
