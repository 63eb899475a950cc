import type { KeyObject } from 'node:crypto'
import {
  BUNDLE_FORMAT,
  type Bundle,
  type BundleList,
  checkBundleResponse,
  LIMITS,
  type SignatureFailure,
} from '@esper/core'
import { mac, type PurposeKeys, sha256 } from '../platform/crypto.js'

/** A bundle as it came over the wire, or as it stands on disk. */
export interface ReceivedBundle {
  readonly status: number
  readonly headers: {
    readonly 'content-digest': string
    readonly 'content-type': string
    readonly etag: string
    readonly 'signature-input': string
    readonly signature: string
  }
  readonly body: string
}

/** Why a bundle is refused. */
export type BundleRefusal =
  | `signature:${SignatureFailure}`
  | 'too_large'
  | 'malformed'
  | 'unknown_format'
  | 'other_tenant'
  | 'other_source'
  | 'older_epoch'
  | 'older_revision'
  | 'expired'

export type BundleCheck =
  | { readonly ok: true; readonly bundle: Bundle; readonly etag: string }
  | { readonly ok: false; readonly reason: BundleRefusal }

function isArrayOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null)
}

/** A hash becomes part of an address and of a file's name. */
function isListReference(value: unknown): value is BundleList {
  if (typeof value !== 'object' || value === null) return false
  const [id, hash, bytes] = ['list_id', 'sha256', 'bytes'].map((name): unknown => Reflect.get(value, name))
  return typeof id === 'string' && typeof hash === 'string' && /^[\w-]{43}$/.test(hash) && Number.isSafeInteger(bytes)
}

function areLists(value: unknown): boolean {
  if (value === undefined) return true
  if (!Array.isArray(value) || !value.every(isListReference)) return false
  const bytes = value.reduce((sum, list) => sum + list.bytes, 0)
  return bytes <= LIMITS.bundleListBytes && value.every((list) => list.bytes >= 0 && list.bytes <= LIMITS.listBytes)
}

const TEXTS = ['tenant_id', 'source_id', 'trust_level', 'counting_scope', 'enforcement'] as const
const NUMBERS = ['revision', 'epoch', 'issued_at', 'not_after'] as const
const LISTS = ['actions', 'entity_definitions', 'mitigations', 'policies', 'keys'] as const

/** The shape that everything behind the signature relies on; programs are checked when they are prepared. */
function isBundle(value: unknown): value is Bundle {
  if (typeof value !== 'object' || value === null) return false
  const field = (name: string): unknown => Reflect.get(value, name)
  const demand = field('demand')
  return (
    TEXTS.every((name) => typeof field(name) === 'string') &&
    NUMBERS.every((name) => Number.isSafeInteger(field(name))) &&
    LISTS.every((name) => isArrayOfObjects(field(name))) &&
    areLists(field('lists')) &&
    (field('exemptions') === undefined || isArrayOfObjects(field('exemptions'))) &&
    Array.isArray(field('clear_cookies')) &&
    typeof demand === 'object' &&
    demand !== null
  )
}

function parse(body: string): Bundle | 'malformed' | 'unknown_format' {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && Reflect.get(value, 'format') !== BUNDLE_FORMAT) {
      return 'unknown_format'
    }
    return isBundle(value) ? value : 'malformed'
  } catch {
    return 'malformed'
  }
}

function refuse(bundle: Bundle, last: Bundle | undefined): BundleRefusal | undefined {
  if (last === undefined) return undefined
  if (bundle.tenant_id !== last.tenant_id) return 'other_tenant'
  if (bundle.source_id !== last.source_id) return 'other_source'
  if (bundle.epoch < last.epoch) return 'older_epoch'
  const older =
    bundle.revision < last.revision || (bundle.revision === last.revision && bundle.not_after < last.not_after)
  return bundle.epoch === last.epoch && older ? 'older_revision' : undefined
}

/**
 * Checks a bundle: signature under this key, digest, shape, then tenant, source, epoch, revision and `not_after` against
 * the last good one. `now` is left out for the copy on disk, which may serve past its time where `fail_mode` says so.
 */
export function checkBundle(
  received: ReceivedBundle,
  expected: {
    readonly keyid: string
    readonly keys: PurposeKeys
    readonly last: Bundle | undefined
    readonly now?: number
  },
): BundleCheck {
  const { headers, body } = received
  if (Buffer.byteLength(body) > LIMITS.bundleBytes) return { ok: false, reason: 'too_large' }
  const signature = checkBundleResponse({
    headers,
    response: {
      status: received.status,
      contentDigest: headers['content-digest'],
      contentType: headers['content-type'],
      etag: headers.etag,
    },
    bodySha256: sha256(body),
    keyid: expected.keyid,
    mac: signWith(expected.keys.bundleSigning),
  })
  if (!signature.ok) return { ok: false, reason: `signature:${signature.code}` }
  const bundle = parse(body)
  if (typeof bundle === 'string') return { ok: false, reason: bundle }
  const reason = refuse(bundle, expected.last)
  if (reason !== undefined) return { ok: false, reason }
  if (expected.now !== undefined && bundle.not_after <= expected.now) return { ok: false, reason: 'expired' }
  return { ok: true, bundle, etag: headers.etag }
}

function signWith(key: KeyObject): (text: string) => string {
  return (text) => mac(key, text, 'base64')
}
