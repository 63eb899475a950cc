import {
  canonicalAddress,
  FIELD_MAPS,
  type Fields,
  type FieldValue,
  isRecord,
  requestPath,
  requestQuery,
} from '@esper/core'
import { isFields, parseJsonLine } from './json-line.js'
import { type LogFormat, type ParsedLine, unreadable } from './log-format.js'
import { parseLogTime } from './log-time.js'

/** Set by Esper itself, whatever a line says. */
const NOT_FIELDS: ReadonlySet<string> = new Set(['observed_at', 'event_id', 'source_id', 'trust_level', 'actions'])
/** Maps that a line has whole or not at all; of headers and cookies a log has the ones it names. */
const WHOLE_MAPS: ReadonlySet<string> = new Set(['query', 'route', 'body', 'labels'])

/** Events by Esper's own field names: `{"observed_at", "fields": {…}}`, or the fields beside `observed_at`. */
export const ndjsonFormat: LogFormat = {
  name: 'ndjson',
  parse(line): ParsedLine {
    const event = parseJsonLine(line)
    if (event === undefined) return unreadable('it is not a JSON object')
    const observedAt = parseLogTime(event.observed_at)
    if (observedAt === undefined) return unreadable('its observed_at is no time: milliseconds, or ISO 8601 with a zone')
    const given = event.fields === undefined ? event : event.fields
    if (!isFields(given)) return unreadable('its fields are not an object')
    const fields = fieldsOf(given)
    if (Object.keys(fields).length === 0) return unreadable('it has no field')
    return { ok: true, record: { observedAt, fields, sees: seesOf(fields) } }
  },
}

/** Whether a line is one of Esper's, and not of another JSON log. */
export function looksLikeEvent(line: Fields): boolean {
  return Object.hasOwn(line, 'observed_at') && (isRecord(line.fields) || Object.hasOwn(line, 'request_path'))
}

function fieldsOf(given: Fields): Fields {
  const kept = Object.entries(given).filter(([name]) => !NOT_FIELDS.has(name))
  const fields: { [name: string]: FieldValue | undefined } = Object.fromEntries(kept)
  const { request_path: target, client_ip: address } = fields
  if (typeof target === 'string') {
    fields.request_path = requestPath(target)
    if (target.includes('?')) fields.query ??= requestQuery(target, () => true)
  }
  if (typeof address === 'string') fields.client_ip = canonicalAddress(address)
  return fields
}

function seesOf(fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (WHOLE_MAPS.has(name)) return [`${name}.*`]
    const isMap = FIELD_MAPS.some((map) => map === name)
    return isMap && isRecord(value) ? Object.keys(value).map((item) => `${name}.${item}`) : [name]
  })
}
