import { LIMITS } from '../protocol/limits.js'
import { contentDigest } from './content-digest.js'
import {
  componentList,
  equalText,
  formatSignatureHeader,
  type HeaderValue,
  type Mac,
  parseSignatureHeader,
  SIGNATURE_INPUT_MAX_UNITS,
  SIGNATURE_LABEL,
} from './structured.js'

/** Tag of signed requests: RFC 9421 with `hmac-sha256` and one of three component lists, nothing else. */
export const INGEST_TAG = 'esper-ingest-v1'

/** A request as it stands on the wire. */
export interface SignedRequest {
  readonly method: string
  /** Host in lower case, with the port unless it is the scheme's default. */
  readonly authority: string
  /** Path as sent, without the query. */
  readonly path: string
  /** Query as sent with its `?`; `?` alone or the empty string when there is none. */
  readonly query: string
  /** Present exactly when the request has a body. */
  readonly contentDigest?: string | undefined
  readonly contentType?: string | undefined
  readonly contentEncoding?: string | undefined
}

/** Which of the three component lists a request needs. */
export type RequestCoverage = 'empty' | 'body' | 'compressed'

const TARGET = ['@method', '@authority', '@path', '@query'] as const
const BODY = [...TARGET, 'content-digest', 'content-type'] as const
const LISTS: Readonly<Record<RequestCoverage, string>> = {
  empty: componentList(TARGET),
  body: componentList(BODY),
  compressed: componentList([...BODY, 'content-encoding']),
}

/** The coverage this request must be signed with: a body and its encoding are never left out. */
export function coverageOf(request: SignedRequest): RequestCoverage {
  if (request.contentEncoding !== undefined) return 'compressed'
  return request.contentDigest === undefined && request.contentType === undefined ? 'empty' : 'body'
}

/** Parameters of a request signature. */
export interface RequestSignatureParams {
  /** Epoch seconds. */
  readonly created: number
  /** 22 to 64 characters of base64url, never used before under this key. */
  readonly nonce: string
  /** `<api_key_id>.<version>`. */
  readonly keyid: string
}

/** The value of `@signature-params`, which is also `Signature-Input` without its label. */
export function formatSignatureInput(coverage: RequestCoverage, params: RequestSignatureParams): string {
  const { created, nonce, keyid } = params
  return `${LISTS[coverage]};created=${created};nonce="${nonce}";keyid="${keyid}";alg="hmac-sha256";tag="${INGEST_TAG}"`
}

/** The text whose MAC signs the request. `parameters` is what `formatSignatureInput` gave or a parsed signature holds. */
export function createSignatureBase(request: SignedRequest, coverage: RequestCoverage, parameters: string): string {
  const { authority, path, query, contentDigest: digest = '', contentType = '', contentEncoding = '' } = request
  let base = `"@method": ${request.method.toUpperCase()}\n"@authority": ${authority}\n"@path": ${path}\n`
  base += `"@query": ${query === '' ? '?' : query}\n`
  if (coverage !== 'empty') base += `"content-digest": ${digest}\n"content-type": ${contentType}\n`
  if (coverage === 'compressed') base += `"content-encoding": ${contentEncoding}\n`
  return `${base}"@signature-params": ${parameters}`
}

/** Headers that carry a signature. */
export interface SignatureHeaders {
  readonly 'signature-input': string
  readonly signature: string
}

/**
 * Signs a request.
 * @example
 * const headers = signRequest(request, { created: 1700000000, nonce, keyid: 'key_ab.1' }, mac)
 */
export function signRequest(request: SignedRequest, params: RequestSignatureParams, mac: Mac): SignatureHeaders {
  const coverage = coverageOf(request)
  const parameters = formatSignatureInput(coverage, params)
  return {
    'signature-input': `${SIGNATURE_LABEL}=${parameters}`,
    signature: formatSignatureHeader(mac(createSignatureBase(request, coverage, parameters))),
  }
}

/** Why a signature is refused. `replay` is the verifier's own to find: it owns the nonces. */
export type SignatureFailure =
  | 'missing'
  | 'malformed'
  | 'insufficient-coverage'
  | 'wrong-profile'
  | 'too-old'
  | 'too-new'
  | 'digest-mismatch'
  | 'bad-signature'
  | 'replay'

/** A well-formed request signature. Nothing in it is true before the MAC has been checked. */
export interface ParsedSignature extends RequestSignatureParams {
  readonly coverage: RequestCoverage
  readonly apiKeyId: string
  readonly version: number
  /** The parameters exactly as sent. */
  readonly parameters: string
  /** The MAC as sent, base64 of 32 bytes. */
  readonly mac: string
}

export type SignatureResult<T> =
  | { readonly ok: true; readonly signature: T }
  | { readonly ok: false; readonly code: SignatureFailure }

const INPUT =
  /^esper=((\([^()]{0,200}\));created=([0-9]{10});nonce="([A-Za-z0-9_-]{22,64})";keyid="([A-Za-z0-9_-]{1,64})\.([1-9][0-9]{0,5})";alg="hmac-sha256";tag="([a-z0-9-]{1,32})")$/

function coverageOfList(list: string | undefined): RequestCoverage | undefined {
  if (list === LISTS.body) return 'body'
  if (list === LISTS.empty) return 'empty'
  return list === LISTS.compressed ? 'compressed' : undefined
}

/**
 * Reads `Signature-Input` and `Signature` strictly: one anchored pattern, one label, one signature. Never throws.
 * Step 1 and 2 of the order in which a verifier checks; `checkCreated` is step 3, `checkRequest` is step 5.
 */
export function parseSignature(headers: {
  readonly 'signature-input'?: HeaderValue
  readonly signature?: HeaderValue
}): SignatureResult<ParsedSignature> {
  const input = headers['signature-input']
  if (input === undefined || headers.signature === undefined) return { ok: false, code: 'missing' }
  const mac = parseSignatureHeader(headers.signature)
  if (typeof input !== 'string' || input.length > SIGNATURE_INPUT_MAX_UNITS || mac === undefined) {
    return { ok: false, code: 'malformed' }
  }
  const found = INPUT.exec(input)
  if (found === null) return { ok: false, code: 'malformed' }
  const [, parameters = '', list, created = '', nonce = '', apiKeyId = '', version = '', tag] = found
  const coverage = coverageOfList(list)
  if (coverage === undefined) return { ok: false, code: 'insufficient-coverage' }
  if (tag !== INGEST_TAG) return { ok: false, code: 'wrong-profile' }
  const keyid = `${apiKeyId}.${version}`
  const signature = {
    coverage,
    created: Number(created),
    nonce,
    keyid,
    apiKeyId,
    version: Number(version),
    parameters,
    mac,
  }
  return { ok: true, signature }
}

/** Whether `created` lies in the accepted window around the verifier's clock; undefined when it does. */
export function checkCreated(created: number, nowSeconds: number): 'too-old' | 'too-new' | undefined {
  if (created < nowSeconds - LIMITS.signaturePastSeconds) return 'too-old'
  return created > nowSeconds + LIMITS.signatureFutureSeconds ? 'too-new' : undefined
}

/**
 * Checks a parsed signature against the request as it came: coverage, digest, then MAC. `bodySha256` is base64, absent
 * without a body. Call it with a dummy key for an unknown `keyid`, so that both take the same time.
 * @returns why it is refused, or undefined when it holds
 */
export function checkRequest(check: {
  readonly request: SignedRequest
  readonly signature: ParsedSignature
  readonly bodySha256?: string | undefined
  readonly mac: Mac
}): 'insufficient-coverage' | 'digest-mismatch' | 'bad-signature' | undefined {
  const { request, signature, bodySha256 } = check
  const covered = coverageOf(request) === signature.coverage
  if (!covered || (signature.coverage === 'empty') !== (bodySha256 === undefined)) return 'insufficient-coverage'
  const expected = check.mac(createSignatureBase(request, signature.coverage, signature.parameters))
  if (bodySha256 !== undefined && request.contentDigest !== contentDigest(bodySha256)) return 'digest-mismatch'
  return equalText(expected, signature.mac) ? undefined : 'bad-signature'
}
