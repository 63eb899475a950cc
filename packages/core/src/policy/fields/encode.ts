import { isList } from '../../codec/canonical-json.js'
import type { FieldDemand } from '../../protocol/bundle.js'
import type { TrustLevel } from '../../protocol/resources.js'
import { canonicalAddress } from '../addresses/ip-address.js'
import { isAlwaysCaptured } from '../set/demand.js'
import { captureBody } from './capture-body.js'
import { captureNamed } from './capture-named.js'
import type { Fields, FieldValue } from './fields.js'
import { HeaderTable } from './header-table.js'
import { type Redact, redactedForms, setRedacted } from './lazy-redaction.js'
import { cutText, emptyMap, emptyRecord, type FieldMapDraft } from './plain-data.js'
import { holdsCredential, isCredentialName, isRedactedEntry } from './redaction.js'
import { readCookies } from './request-cookies.js'
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
  readonly host?: string | undefined
  /** Names and values in turn, as they came: raw order, original case. */
  readonly headers: readonly string[]
  readonly clientIp?: string | undefined
  /** What an address database says of the client's address, as far as it says anything. */
  readonly origin?: AddressOrigin | undefined
  readonly route?: Readonly<Record<string, string>> | undefined
  readonly body?: unknown
  readonly bodyType?: string | undefined
  readonly userId?: string | undefined
  readonly labels?: Readonly<Record<string, FieldValue>> | undefined
}

/** What of an event is captured, and how credentials in it are hidden. */
export interface CaptureOptions {
  /** What to capture beyond the fields that always are. */
  readonly demand: FieldDemand
  /** Keyed hash of a credential; called at most once for each, and only when something reads it. */
  readonly redact: Redact
}

export interface EncoderOptions extends CaptureOptions {
  /** Names of cookies carried in clear. */
  readonly clearCookies: readonly string[]
  readonly sourceId: string
  readonly trustLevel: TrustLevel
}

/**
 * Encodes requests as the flat records that policies read, all under one demand. Credentials are in them as keyed hashes
 * only, Esper's own headers and cookies not at all, text cut at `LIMITS.textUnits`. Never throws; what cannot be read is
 * missing.
 */
export class RequestEncoder {
  readonly #options: EncoderOptions
  readonly #headers: HeaderTable
  readonly #isWanted: (query: string) => boolean
  /** Nearly every request names the same host. */
  #host = { asSent: '', name: '' }

  constructor(options: EncoderOptions) {
    this.#options = options
    const headers = wantedOf(options.demand.headers)
    this.#headers = new HeaderTable((name) => headers(name) || isAlwaysCaptured(name))
    this.#isWanted = wantedOf(options.demand.query)
  }

  /** Encodes a request that came at `observedAt`, epoch milliseconds. */
  encode(input: RequestInput, observedAt: number): Fields {
    const { demand, redact, sourceId, trustLevel } = this.#options
    const headers = this.#headers
    headers.read(input.headers)
    const fields = emptyRecord()
    fields.request_method = cutText(input.method.toUpperCase())
    fields.request_path = requestPath(input.url)
    this.#setHeaderFields(fields, input)
    setClient(fields, input)
    if (input.userId !== undefined) fields.user_id = cutText(input.userId)
    fields.header_names = headers.names()
    fields.source_id = sourceId
    fields.trust_level = trustLevel
    fields.observed_at = observedAt
    fields.headers = this.#captureHeaders()
    if (demand.query.length > 0) fields.query = this.#captureQuery(input.url)
    if (demand.cookie || demand.cookies.length > 0) this.#setCookies(fields)
    if (demand.route.length > 0 && input.route !== undefined)
      fields.route = captureNamed(input.route, demand.route, redact)
    const body = demand.body.length > 0 ? captureBody(input.body, demand.body, redact) : undefined
    if (body !== undefined) fields.body = body
    if (demand.labels.length > 0 && input.labels !== undefined)
      fields.labels = captureNamed(input.labels, demand.labels, redact)
    return fields
  }

  #setHeaderFields(fields: FieldMapDraft, input: RequestInput): void {
    const headers = this.#headers
    const host = input.host ?? headers.value('host')
    if (host !== undefined) fields.request_host = this.#hostName(host)
    const userAgent = headers.value('user-agent')
    if (userAgent !== undefined) fields.user_agent = cutText(userAgent)
    const referer = headers.value('referer')
    if (referer !== undefined) fields.referer = refererText(referer)
    const bodyType = input.bodyType ?? mediaType(headers.value('content-type'))
    if (bodyType !== undefined) fields.body_type = cutText(bodyType)
  }

  #hostName(asSent: string): string {
    if (this.#host.asSent !== asSent) this.#host = { asSent, name: hostName(asSent) }
    return this.#host.name
  }

  #captureHeaders(): FieldMapDraft {
    const captured = emptyMap()
    for (const { name, value, isCaptured, isCredential } of this.#headers.present) {
      if (!isCaptured) continue
      if (isCredential) setRedacted(captured, name, value, this.#options.redact)
      else captured[name] = name === 'referer' ? refererText(value) : cutText(value)
    }
    return captured
  }

  #captureQuery(url: string): FieldMapDraft {
    const { redact } = this.#options
    const query = requestQuery(url, this.#isWanted)
    for (const name in query) {
      const value = query[name]
      if (value === undefined || (!isCredentialName(name) && !holdsCredential(value))) continue
      if (isList(value)) query[name] = redactedForms(value, redact)
      else setRedacted(query, name, value, redact)
    }
    return query
  }

  #setCookies(fields: FieldMapDraft): void {
    const { demand, clearCookies, redact } = this.#options
    const header = this.#headers.value('cookie')
    if (header === undefined) return
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
}

/** Who asks, as far as the connection tells, for requests and for what is none. */
export function setClient(
  fields: FieldMapDraft,
  { clientIp, origin }: Pick<RequestInput, 'clientIp' | 'origin'>,
): void {
  if (clientIp !== undefined) fields.client_ip = cutText(canonicalAddress(clientIp))
  if (origin === undefined) return
  const { country, asn, asName } = origin
  if (country !== undefined) fields.ip_country = cutText(country)
  if (asn !== undefined) fields.ip_asn = asn
  if (asName !== undefined) fields.ip_as_name = cutText(asName)
}

function wantedOf(demanded: readonly string[]): (name: string) => boolean {
  const names = new Set(demanded)
  return names.has('*') ? () => true : (name) => names.has(name)
}

function mediaType(contentType: string | undefined): string | undefined {
  if (contentType === undefined) return undefined
  const end = contentType.indexOf(';')
  const type = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
  return type === '' ? undefined : type
}
