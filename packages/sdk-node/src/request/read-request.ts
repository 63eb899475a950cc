import type { IncomingMessage } from 'node:http'
import type { RequestInput } from '@esper/core'
import { ESPER_HEADERS } from '@esper/core'
import type { RequestFacts } from '../enforce/reply.js'
import { type ClientAddress, clientAddress } from './client-address.js'
import { clearanceTokens, isLocalHost, type TrustedProxies } from './request-parts.js'

/** What a framework knows of a request beyond the request itself. */
export interface RequestExtras {
  /** Path and query as they came, where the framework has since changed `request.url`. */
  readonly url?: string | undefined
  readonly route?: Readonly<Record<string, string>> | undefined
  /** The parsed body, when a parser ran first. */
  readonly body?: unknown
  /** Address of whoever is connected, for fetch requests: these do not know it. */
  readonly peer?: string | undefined
  /** Whether what a fetch-style application gives is its answer, for those that may pass a request on. Default: it is. */
  readonly isAnswer?: (response: Response) => boolean
  /** Keeps an edge runtime alive for what is to be done after the answer. */
  readonly waitUntil?: (promise: Promise<unknown>) => void
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

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

function pairs(rawHeaders: readonly string[]): [name: string, value: string][] {
  const list: [string, string][] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) list.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? ''])
  return list
}

function isSecure(request: IncomingMessage, client: ClientAddress): boolean {
  if (Reflect.get(request.socket, 'encrypted') === true) return true
  if (isLocalHost(request.headers.host)) return true
  // Only a proxy that is believed about the address is believed about the scheme.
  return client.source === 'forwarded' && single(request.headers['x-forwarded-proto'])?.trim() === 'https'
}

/** Reads what Esper needs from a node:http request; takes nothing away from the application. */
export function readRequest(request: IncomingMessage, extras: RequestExtras, trust: TrustedProxies): ReadRequest {
  const { headers } = request
  const method = request.method ?? 'GET'
  const url = extras.url ?? request.url ?? '/'
  const forwardedFor = single(headers['x-forwarded-for'])
  const client = clientAddress(extras.peer ?? request.socket.remoteAddress, forwardedFor, trust)
  return {
    input: {
      method,
      url,
      headers: pairs(request.rawHeaders),
      ...(headers.host === undefined ? {} : { host: headers.host }),
      ...(client.address === undefined ? {} : { clientIp: client.address }),
      ...(extras.route === undefined ? {} : { route: extras.route }),
    },
    facts: { method, url, accept: headers.accept, secFetchMode: single(headers['sec-fetch-mode']) },
    client,
    userAgent: headers['user-agent'] ?? '',
    sawForwardedFor: forwardedFor !== undefined,
    tokens: clearanceTokens(single(headers[ESPER_HEADERS.clearance]), headers.cookie),
    secure: isSecure(request, client),
  }
}
