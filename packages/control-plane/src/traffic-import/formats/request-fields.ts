import {
  canonicalAddress,
  type Fields,
  type FieldValue,
  hostName,
  refererText,
  requestPath,
  requestQuery,
} from '@esper/core'

/** What a log tells of a request; absent for what the request did not have. */
export interface LoggedRequest {
  readonly method?: string | undefined
  /** Path and query. */
  readonly target?: string | undefined
  readonly host?: string | undefined
  readonly clientIp?: string | undefined
  readonly userAgent?: string | undefined
  readonly referer?: string | undefined
  readonly userId?: string | undefined
  readonly bodyType?: string | undefined
  readonly status?: number | undefined
  readonly responseMs?: number | undefined
  /** Others by their name in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: Readonly<Record<string, string>>
}

/** The record of a logged request, as the SDK's encoder would have made it. Credentials in it are the engine's to redact. */
export function requestFields(request: LoggedRequest): Fields {
  const { method, target, host, userAgent, clientIp } = request
  const referer = request.referer === undefined ? undefined : refererText(request.referer)
  const scalars: Readonly<Record<string, FieldValue | undefined>> = {
    request_method: method?.toUpperCase(),
    request_path: target === undefined ? undefined : requestPath(target),
    request_host: host === undefined ? undefined : hostName(host),
    client_ip: clientIp === undefined ? undefined : canonicalAddress(clientIp),
    user_agent: userAgent,
    referer,
    user_id: request.userId,
    body_type: request.bodyType?.split(';')[0]?.trim().toLowerCase(),
    response_status: request.status,
    response_ms: request.responseMs,
    query: target === undefined ? undefined : requestQuery(target, () => true),
    headers: present({ ...request.headers, host, 'user-agent': userAgent, referer }),
    cookies: request.cookies,
  }
  return present(scalars)
}

function present(record: Readonly<Record<string, FieldValue | undefined>>): { readonly [name: string]: FieldValue } {
  const copy: { [name: string]: FieldValue } = {}
  for (const [name, value] of Object.entries(record)) if (value !== undefined) copy[name] = value
  return copy
}

/** `GET /path HTTP/1.1`, as the first line of a request stands in a log. */
export function parseRequestLine(text: string): { readonly method: string; readonly target: string } | undefined {
  const [, method, target] = /^([A-Z]{1,20}) (\S+)(?: HTTP\/\d(?:\.\d)?)?$/i.exec(text) ?? []
  return method === undefined || target === undefined ? undefined : { method, target }
}
