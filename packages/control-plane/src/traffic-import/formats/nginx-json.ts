import type { Fields } from '@esper/core'
import { parseJsonLine } from './json-line.js'
import { type LogFormat, type ParsedLine, unreadable } from './log-format.js'
import { parseLogTime } from './log-time.js'
import { parseRequestLine, requestFields } from './request-fields.js'

/** Names under which JSON logs of nginx and its kin write a thing, the most exact first. */
const NAMES = {
  time: ['msec', 'time_iso8601', 'time_local', '@timestamp', 'timestamp', 'time', 'ts'],
  request: ['request'],
  method: ['request_method', 'method'],
  target: ['request_uri', 'uri', 'path', 'url'],
  query: ['args', 'query_string'],
  host: ['http_host', 'host', 'server_name'],
  clientIp: ['remote_addr', 'client_ip', 'ip', 'remote_ip'],
  userAgent: ['http_user_agent', 'user_agent', 'agent'],
  referer: ['http_referer', 'http_referrer', 'referer', 'referrer'],
  userId: ['remote_user', 'user'],
  bodyType: ['content_type', 'http_content_type'],
  status: ['status', 'status_code'],
  seconds: ['request_time', 'duration'],
} as const

const SEEN_AS: Readonly<Partial<Record<keyof typeof NAMES, readonly string[]>>> = {
  request: ['request_method', 'request_path', 'query.*'],
  method: ['request_method'],
  target: ['request_path'],
  query: ['query.*'],
  host: ['request_host', 'headers.host'],
  clientIp: ['client_ip'],
  userAgent: ['user_agent', 'headers.user-agent'],
  referer: ['referer', 'headers.referer'],
  userId: ['user_id'],
  bodyType: ['body_type', 'headers.content-type'],
  status: ['response_status'],
  seconds: ['response_ms'],
}

/** nginx's `uri` is what it made of the path: it has no query. All others are the target as it came. */
const WITHOUT_QUERY = new Set(['uri'])
const CONSUMED: ReadonlySet<string> = new Set(Object.values(NAMES).flat())

/** A JSON object a line, by the names of nginx's variables: `log_format json escape=json '{"msec": "$msec", …}'`. */
export const nginxJsonFormat: LogFormat = {
  name: 'nginx-json',
  parse(line): ParsedLine {
    const log = parseJsonLine(line)
    if (log === undefined) return unreadable('it is not a JSON object')
    const observedAt = parseLogTime(found(log, 'time'))
    if (observedAt === undefined) return unreadable(`it has no time under ${NAMES.time.join(', ')}`)
    const request = requestOf(log)
    if (request === undefined)
      return unreadable('it has no request: neither request nor request_method and request_uri')
    const status = numberOf(found(log, 'status'))
    const seconds = numberOf(found(log, 'seconds'))
    const fields = requestFields({
      ...request,
      host: textOf(log, 'host'),
      clientIp: textOf(log, 'clientIp'),
      userAgent: textOf(log, 'userAgent'),
      referer: textOf(log, 'referer'),
      userId: textOf(log, 'userId'),
      bodyType: textOf(log, 'bodyType'),
      status,
      responseMs: seconds === undefined ? undefined : Math.round(seconds * 1000),
      headers: prefixed(log, 'http_', (name) => name.replaceAll('_', '-')),
      cookies: prefixed(log, 'cookie_', (name) => name),
    })
    return { ok: true, record: { observedAt, fields, sees: seesOf(log) } }
  },
}

function requestOf(log: Fields): { readonly method: string; readonly target: string } | undefined {
  const whole = textOf(log, 'request')
  if (whole !== undefined) return parseRequestLine(whole)
  const method = textOf(log, 'method')
  const target = textOf(log, 'target')
  if (method === undefined || target === undefined) return undefined
  const query = target.includes('?') ? undefined : textOf(log, 'query')
  return { method, target: query === undefined ? target : `${target}?${query}` }
}

function seesOf(log: Fields): readonly string[] {
  const sees = new Set<string>()
  for (const [thing, names] of Object.entries(SEEN_AS)) {
    const name = nameOf(log, isThing(thing) ? thing : 'time')
    if (name !== undefined) for (const seen of names) sees.add(seen)
    if (thing === 'target' && name !== undefined && !WITHOUT_QUERY.has(name)) sees.add('query.*')
  }
  for (const name of Object.keys(log)) {
    if (CONSUMED.has(name)) continue
    if (name.startsWith('http_')) sees.add(`headers.${name.slice(5).replaceAll('_', '-')}`)
    if (name.startsWith('cookie_')) sees.add(`cookies.${name.slice(7)}`)
  }
  return [...sees]
}

function isThing(name: string): name is keyof typeof NAMES {
  return Object.hasOwn(NAMES, name)
}

function nameOf(log: Fields, thing: keyof typeof NAMES): string | undefined {
  return NAMES[thing].find((name) => Object.hasOwn(log, name))
}

function found(log: Fields, thing: keyof typeof NAMES): unknown {
  const name = nameOf(log, thing)
  return name === undefined ? undefined : log[name]
}

/** Empty text and a dash are how nginx writes nothing. */
function textOf(log: Fields, thing: keyof typeof NAMES): string | undefined {
  const value = found(log, thing)
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined
}

function prefixed(log: Fields, prefix: string, rename: (name: string) => string): Readonly<Record<string, string>> {
  const entries = Object.entries(log).flatMap(([name, value]): readonly (readonly [string, string])[] => {
    if (!name.startsWith(prefix) || CONSUMED.has(name)) return []
    return typeof value === 'string' && value !== '' && value !== '-'
      ? [[rename(name.slice(prefix.length)), value]]
      : []
  })
  return Object.fromEntries(entries)
}
