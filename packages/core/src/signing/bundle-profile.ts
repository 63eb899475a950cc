import { contentDigest } from './content-digest.js'
import type { SignatureFailure, SignatureHeaders, SignatureResult } from './request-profile.js'
import {
  componentList,
  equalText,
  formatSignatureHeader,
  type HeaderValue,
  type Mac,
  parseSignatureHeader,
  SIGNATURE_INPUT_MAX_UNITS,
  SIGNATURE_LABEL,
  signatureBase,
} from './structured.js'

/** Tag of signed bundles: RFC 9421 on the response, under the API key's `esper/bundle-signing/v1` key. */
export const BUNDLE_TAG = 'esper-bundle-v1'

/** A bundle response as it stands on the wire, or in the copy on disk. */
export interface SignedBundleResponse {
  readonly status: number
  readonly contentDigest: string
  readonly contentType: string
  /** With its quotes, as sent. */
  readonly etag: string
}

const LIST = componentList(['@status', 'content-digest', 'content-type', 'etag'])

function bundleBase(response: SignedBundleResponse, parameters: string): string {
  return signatureBase(
    [
      ['@status', String(response.status)],
      ['content-digest', response.contentDigest],
      ['content-type', response.contentType],
      ['etag', response.etag],
    ],
    parameters,
  )
}

/** Signs a bundle response. `created` is epoch seconds, `keyid` is `<api_key_id>.<version>`. */
export function signBundleResponse(
  response: SignedBundleResponse,
  params: { readonly created: number; readonly keyid: string },
  mac: Mac,
): SignatureHeaders {
  const parameters = `${LIST};created=${params.created};keyid="${params.keyid}";alg="hmac-sha256";tag="${BUNDLE_TAG}"`
  return {
    'signature-input': `${SIGNATURE_LABEL}=${parameters}`,
    signature: formatSignatureHeader(mac(bundleBase(response, parameters))),
  }
}

const INPUT =
  /^esper=((\([^()]{0,200}\));created=([0-9]{10});keyid="([A-Za-z0-9_-]{1,64}\.[1-9][0-9]{0,5})";alg="hmac-sha256";tag="([a-z0-9-]{1,32})")$/

/** A bundle signature that holds. */
export interface BundleSignature {
  readonly created: number
  readonly keyid: string
}

function parseInput(input: HeaderValue): { parameters: string; signature: BundleSignature } | SignatureFailure {
  if (input === undefined) return 'missing'
  if (typeof input !== 'string' || input.length > SIGNATURE_INPUT_MAX_UNITS) return 'malformed'
  const found = INPUT.exec(input)
  if (found === null) return 'malformed'
  const [, parameters = '', list, created = '', keyid = '', tag] = found
  if (list !== LIST) return 'insufficient-coverage'
  if (tag !== BUNDLE_TAG) return 'wrong-profile'
  return { parameters, signature: { created: Number(created), keyid } }
}

/**
 * Checks a bundle response: shape, key, digest over the bytes received, MAC. Age is the body's own `not_after`, so that
 * the copy on disk can be checked again. Never throws.
 */
export function checkBundleResponse(check: {
  readonly headers: { readonly 'signature-input'?: HeaderValue; readonly signature?: HeaderValue }
  readonly response: SignedBundleResponse
  readonly bodySha256: string
  readonly keyid: string
  readonly mac: Mac
}): SignatureResult<BundleSignature> {
  const parsed = parseInput(check.headers['signature-input'])
  if (typeof parsed === 'string') return { ok: false, code: parsed }
  if (check.headers.signature === undefined) return { ok: false, code: 'missing' }
  const mac = parseSignatureHeader(check.headers.signature)
  if (mac === undefined) return { ok: false, code: 'malformed' }
  if (check.response.contentDigest !== contentDigest(check.bodySha256)) return { ok: false, code: 'digest-mismatch' }
  const expected = check.mac(bundleBase(check.response, parsed.parameters))
  if (parsed.signature.keyid !== check.keyid || !equalText(expected, mac)) return { ok: false, code: 'bad-signature' }
  return { ok: true, signature: parsed.signature }
}
