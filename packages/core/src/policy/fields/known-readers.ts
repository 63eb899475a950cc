import { type PathReader, throughList } from '../expression/path.js'
import { isRecord } from '../expression/semantics.js'

/**
 * Readers of the fields that records are known to have, each with its name in the code: only such a read has an inline
 * cache of its own, one by a computed name shares a slow one with all others.
 */
const FIELDS: Readonly<Record<string, PathReader>> = {
  request_method: (input) => (isRecord(input) ? input.request_method : throughList(input, ['request_method'])),
  request_path: (input) => (isRecord(input) ? input.request_path : throughList(input, ['request_path'])),
  request_host: (input) => (isRecord(input) ? input.request_host : throughList(input, ['request_host'])),
  client_ip: (input) => (isRecord(input) ? input.client_ip : throughList(input, ['client_ip'])),
  ip_country: (input) => (isRecord(input) ? input.ip_country : throughList(input, ['ip_country'])),
  ip_asn: (input) => (isRecord(input) ? input.ip_asn : throughList(input, ['ip_asn'])),
  ip_as_name: (input) => (isRecord(input) ? input.ip_as_name : throughList(input, ['ip_as_name'])),
  user_agent: (input) => (isRecord(input) ? input.user_agent : throughList(input, ['user_agent'])),
  referer: (input) => (isRecord(input) ? input.referer : throughList(input, ['referer'])),
  body_type: (input) => (isRecord(input) ? input.body_type : throughList(input, ['body_type'])),
  header_names: (input) => (isRecord(input) ? input.header_names : throughList(input, ['header_names'])),
  source_id: (input) => (isRecord(input) ? input.source_id : throughList(input, ['source_id'])),
  trust_level: (input) => (isRecord(input) ? input.trust_level : throughList(input, ['trust_level'])),
  observed_at: (input) => (isRecord(input) ? input.observed_at : throughList(input, ['observed_at'])),
  user_id: (input) => (isRecord(input) ? input.user_id : throughList(input, ['user_id'])),
  cookie: (input) => (isRecord(input) ? input.cookie : throughList(input, ['cookie'])),
  response_status: (input) => (isRecord(input) ? input.response_status : throughList(input, ['response_status'])),
  response_ms: (input) => (isRecord(input) ? input.response_ms : throughList(input, ['response_ms'])),
}

/** Readers of what is in the record's maps, by the name in the map. */
const MAPS: Readonly<Record<string, (name: string) => PathReader>> = {
  headers: (name) => (input) => (isRecord(input) ? inMap(input.headers, name) : throughList(input, ['headers', name])),
  query: (name) => (input) => (isRecord(input) ? inMap(input.query, name) : throughList(input, ['query', name])),
  cookies: (name) => (input) => (isRecord(input) ? inMap(input.cookies, name) : throughList(input, ['cookies', name])),
  route: (name) => (input) => (isRecord(input) ? inMap(input.route, name) : throughList(input, ['route', name])),
  body: (name) => (input) => (isRecord(input) ? inMap(input.body, name) : throughList(input, ['body', name])),
  labels: (name) => (input) => (isRecord(input) ? inMap(input.labels, name) : throughList(input, ['labels', name])),
}

function inMap(map: unknown, name: string): unknown {
  return isRecord(map) ? map[name] : throughList(map, [name])
}

/** The reader of a path that begins with a known field; `undefined` for any other. */
export function knownReader([first = '', second, ...rest]: readonly string[]): PathReader | undefined {
  if (rest.length > 0) return undefined
  if (second === undefined) return Object.hasOwn(FIELDS, first) ? FIELDS[first] : undefined
  return Object.hasOwn(MAPS, first) && !(second in Object.prototype) ? MAPS[first]?.(second) : undefined
}
