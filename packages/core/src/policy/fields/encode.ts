import { isList } from '../../codec/canonical-json.js'
import type { FieldDemand } from '../../protocol/bundle.js'
import type { TrustLevel } from '../../protocol/resources.js'
import { canonicalAddress } from '../addresses/ip-address.js'
import { isRecord } from '../expression/semantics.js'
import { isAlwaysCaptured } from '../set/demand.js'
import { captureBody } from './capture-body.js'
import type { Fields, FieldValue } from './fields.js'
import { type Redact, redactedForms, setRedacted } from './lazy-redaction.js'
import { cutText, emptyMap, type FieldMapDraft } from './plain-data.js'
import { holdsCredential, isCredentialName, isRedactedEntry } from './redaction.js'
import { readCookies, readHeaders } from './request-headers.js'
import { hostName, refererText, requestPath, requestQuery } from './request-url.js'

/** Where an address is, and whose network it is in. */
export interface AddressOrigin {
  /** ISO 3166-1 code, two capitals. */
  readonly country?: string | undefined
  /** Number of the autonomous system. */
  readonly asn?: number | undefined
  /** Name of the organisation that runs it. */
  readonly asName?: string | undefined
}

/** A request as an adapter reads it. */
export interface RequestInput {
  readonly method: string
  /** The request target as on the wire: path and query. */
  readonly url: string
  readonly host?: string
  /** As they came: raw order, original case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly clientIp?: string
  /** What an address database says of the client's address, as far as it says anything. */
  readonly origin?: AddressOrigin
  readonly route?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly bodyType?: string
  readonly userId?: string
  readonly labels?: Readonly<Record<string, FieldValue>>
}

export interface EncodeOptions {
  /** What to capture beyond the fields that always are. */
  readonly demand: FieldDemand
  /** Names of cookies carried in clear. */
  readonly clearCookies: readonly string[]
  readonly sourceId: string
  readonly trustLevel: TrustLevel
  /** Epoch milliseconds. */
  readonly observedAt: number
  /** Keyed hash of a credential; called at most once for each, and only when something reads it. */
  readonly redact: Redact
}

/**
 * Encodes a request as the flat record that policies read. Credentials are in it as keyed hashes only, Esper's own
 * headers and cookies not at all, text cut at `LIMITS.textUnits`. Never throws; what cannot be read is missing.
 */
export function encodeRequest(input: RequestInput, options: EncodeOptions): Fields {
  const { demand } = options
  const headers = readHeaders(input.headers)
  const fields = emptyMap()
  setScalars(fields, input, headers)
  fields.source_id = options.sourceId
  fields.trust_level = options.trustLevel
  fields.observed_at = options.observedAt
  fields.headers = captureHeaders(headers, options)
  if (demand.query.length > 0) fields.query = captureQuery(input.url, options)
  const cookie = headers.get('cookie')
  if (cookie !== undefined) setCookies(fields, cookie, options)
  if (demand.route.length > 0 && input.route !== undefined)
    fields.route = captureNamed(input.route, demand.route, options)
  const body = demand.body.length > 0 ? captureBody(input.body, demand.body, options.redact) : undefined
  if (body !== undefined) fields.body = body
  if (demand.labels.length > 0 && input.labels !== undefined)
    fields.labels = captureNamed(input.labels, demand.labels, options)
  return fields
}

/** What an application says of an event that its request does not. */
export interface ApplicationFields {
  /** Who it is; a number is taken as its digits. */
  readonly user_id?: string | number | undefined
  readonly labels?: Readonly<Record<string, FieldValue | undefined>> | undefined
}

/**
 * The record completed by what the application has found out since, for the event's second decision (see
 * `MatchOptions.expectsMore`). What the record has stays as it is: it was decided with. Labels join those that are
 * there; of labels only those that are demanded are kept, credentials as keyed hashes. Never throws.
 */
export function withApplication(
  fields: Fields,
  { user_id: userId, labels }: ApplicationFields,
  options: Pick<EncodeOptions, 'demand' | 'redact'>,
): Fields {
  const copy = copyOf(fields)
  if (copy.user_id === undefined && (typeof userId === 'string' || typeof userId === 'number')) {
    copy.user_id = cutText(String(userId))
  }
  if (isRecord(labels) && options.demand.labels.length > 0) {
    const said = captureNamed(labels, options.demand.labels, options)
    const known = isRecord(fields.labels) ? fields.labels : {}
    copy.labels = Object.defineProperties(said, Object.getOwnPropertyDescriptors(known))
  }
  return copy
}

/** The record with what the application answered. Not called when Esper itself gave the answer. */
export function withResponse(fields: Fields, response: { readonly status: number; readonly ms: number }): Fields {
  const copy = copyOf(fields)
  copy.response_status = response.status
  copy.response_ms = response.ms
  return copy
}

/** What is computed when it is first read stays so. */
function copyOf(fields: Fields): FieldMapDraft {
  return Object.defineProperties(emptyMap(), Object.getOwnPropertyDescriptors(fields))
}

function setScalars(fields: FieldMapDraft, input: RequestInput, headers: ReadonlyMap<string, string>): void {
  fields.request_method = cutText(input.method.toUpperCase())
  fields.request_path = requestPath(input.url)
  const host = input.host ?? headers.get('host')
  if (host !== undefined) fields.request_host = hostName(host)
  setClient(fields, input)
  const userAgent = headers.get('user-agent')
  if (userAgent !== undefined) fields.user_agent = cutText(userAgent)
  const referer = headers.get('referer')
  if (referer !== undefined) fields.referer = refererText(referer)
  const bodyType = input.bodyType ?? mediaType(headers.get('content-type'))
  if (bodyType !== undefined) fields.body_type = cutText(bodyType)
  if (input.userId !== undefined) fields.user_id = cutText(input.userId)
  fields.header_names = [...headers.keys()].map(cutText)
}

/** Who asks, as far as the connection tells, for requests and for what is none. */
export function setClient(fields: FieldMapDraft, input: Pick<RequestInput, 'clientIp' | 'origin'>): void {
  if (input.clientIp !== undefined) fields.client_ip = cutText(canonicalAddress(input.clientIp))
  const { country, asn, asName } = input.origin ?? {}
  if (country !== undefined) fields.ip_country = cutText(country)
  if (asn !== undefined) fields.ip_asn = asn
  if (asName !== undefined) fields.ip_as_name = cutText(asName)
}

function mediaType(contentType: string | undefined): string | undefined {
  const [type] = (contentType ?? '').split(';')
  const trimmed = type?.trim().toLowerCase()
  return trimmed === '' ? undefined : trimmed
}

function captureHeaders(headers: ReadonlyMap<string, string>, { demand, redact }: EncodeOptions): FieldMapDraft {
  const captured = emptyMap()
  const all = demand.headers.includes('*')
  for (const [name, value] of headers) {
    if (!all && !isAlwaysCaptured(name) && !demand.headers.includes(name)) continue
    if (isCredentialName(name)) setRedacted(captured, name, value, redact)
    else captured[name] = name === 'referer' ? refererText(value) : cutText(value)
  }
  return captured
}

function captureQuery(url: string, { demand, redact }: EncodeOptions): FieldMapDraft {
  const all = demand.query.includes('*')
  const query = requestQuery(url, (name) => all || demand.query.includes(name))
  for (const [name, value] of Object.entries(query)) {
    if (!isCredentialName(name) && !holdsCredential(value)) continue
    if (isList(value)) query[name] = redactedForms(value, redact)
    else setRedacted(query, name, value, redact)
  }
  return query
}

function setCookies(fields: FieldMapDraft, header: string, { demand, clearCookies, redact }: EncodeOptions): void {
  if (demand.cookie) setRedacted(fields, 'cookie', header, redact)
  if (demand.cookies.length === 0) return
  const captured = emptyMap()
  const all = demand.cookies.includes('*')
  for (const [name, value] of readCookies(header)) {
    if (!all && !demand.cookies.includes(name)) continue
    if (isRedactedEntry('cookies', name, clearCookies)) setRedacted(captured, name, value, redact)
    else captured[name] = cutText(value)
  }
  fields.cookies = captured
}

function captureNamed(
  values: Readonly<Record<string, unknown>>,
  names: readonly string[],
  { redact }: Pick<EncodeOptions, 'redact'>,
): FieldMapDraft {
  const captured = emptyMap()
  const wanted = names.includes('*') ? Object.keys(values) : names.filter((name) => Object.hasOwn(values, name))
  for (const name of wanted) {
    // Labels nest as bodies do, and so do the credentials in them.
    const value = captureBody(values[name], ['*'], redact)
    if (value === undefined) continue
    if (isCredentialName(name)) setRedacted(captured, name, value, redact)
    else captured[name] = value
  }
  return captured
}
