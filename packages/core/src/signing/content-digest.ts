import type { HeaderValue } from './structured.js'

const DIGEST = /^sha-256=:([A-Za-z0-9+/]{43}=):$/

/** RFC 9530 `Content-Digest` over the bytes on the wire. */
export function contentDigest(sha256Base64: string): string {
  return `sha-256=:${sha256Base64}:`
}

/** The SHA-256 out of a `Content-Digest` header; undefined unless it is exactly one `sha-256`. */
export function parseContentDigest(value: HeaderValue): string | undefined {
  return typeof value === 'string' ? DIGEST.exec(value)?.[1] : undefined
}
