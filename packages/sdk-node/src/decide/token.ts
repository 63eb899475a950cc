import type { KeyObject } from 'node:crypto'
import { equalText } from '@esper/core'
import { mac } from '../platform/crypto.js'

/** A key with the id it is named by in tokens. */
export interface NamedKey {
  readonly keyId: string
  readonly key: KeyObject
}

/** Types of tokens this SDK mints; a token of one type is nothing to a reader of another. */
export type TokenType = 'esper-clr+jwt' | 'esper-wait+jwt'

export type Claims = Readonly<Record<string, unknown>>

const MAX_TOKEN_UNITS = 2_048
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/

const encode = (value: unknown) => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined
  } catch {
    return undefined
  }
}

/** Mints a compact JWS under HS256. */
export function mintToken(type: TokenType, key: NamedKey, claims: Claims): string {
  const signed = `${encode({ alg: 'HS256', typ: type, kid: key.keyId })}.${encode(claims)}`
  return `${signed}.${mac(key.key, signed)}`
}

/**
 * Reads a compact JWS synchronously and strictly: exactly `alg` HS256, this `typ` and a known `kid` in the header, one
 * MAC, an object inside, `exp` ahead and `nbf`, where given, behind. Anything else is undefined; never throws.
 * Times of the claims are epoch seconds (RFC 7519).
 */
export function readToken(
  token: string,
  expected: { readonly type: TokenType; readonly keys: readonly NamedKey[]; readonly nowMs: number },
): Claims | undefined {
  if (token.length > MAX_TOKEN_UNITS) return undefined
  const [, headerPart, claimsPart, signature] = COMPACT.exec(token) ?? []
  if (headerPart === undefined || claimsPart === undefined || signature === undefined) return undefined
  const header = decode(headerPart)
  if (header === undefined || Object.keys(header).length !== 3) return undefined
  if (header.alg !== 'HS256' || header.typ !== expected.type) return undefined
  const key = expected.keys.find((each) => each.keyId === header.kid)
  if (key === undefined || !equalText(mac(key.key, `${headerPart}.${claimsPart}`), signature)) return undefined
  const claims = decode(claimsPart)
  return claims !== undefined && isInTime(claims, expected.nowMs) ? claims : undefined
}

function isInTime(claims: Claims, nowMs: number): boolean {
  const { exp, nbf } = claims
  if (typeof exp !== 'number' || exp * 1000 <= nowMs) return false
  return nbf === undefined || (typeof nbf === 'number' && nbf * 1000 <= nowMs)
}
