import { randomBytes } from 'node:crypto'
import { contentDigest, type SignedRequest, signRequest } from '@esper/core'
import type { ServerClock } from '../platform/clock.js'
import { mac, type PurposeKeys, sha256 } from '../platform/crypto.js'
import type { Call } from './transport.js'

/** What calls are signed with, and for whom. */
export interface Signer {
  readonly origin: URL
  readonly keyid: string
  readonly keys: Pick<PurposeKeys, 'ingestSigning'>
  readonly clock: Pick<ServerClock, 'now'>
}

/** The headers that say what a call carries and sign it. `body` is what goes over the wire, compressed as the call says. */
export function signCall(call: Call, body: Buffer | null, signer: Signer): Record<string, string> {
  const { origin, keyid, keys, clock } = signer
  const carried = body === null ? {} : bodyHeaders(call, body)
  const signed: SignedRequest = {
    method: call.method,
    authority: origin.host.toLowerCase(),
    path: call.path,
    query: call.query === undefined ? '' : `?${call.query}`,
    contentDigest: carried['content-digest'],
    contentType: carried['content-type'],
    contentEncoding: carried['content-encoding'],
  }
  const params = { created: Math.floor(clock.now() / 1000), nonce: randomBytes(18).toString('base64url'), keyid }
  return { ...carried, ...signRequest(signed, params, (text) => mac(keys.ingestSigning, text, 'base64')) }
}

function bodyHeaders(call: Call, body: Buffer): Record<string, string> {
  return {
    'content-digest': contentDigest(sha256(body)),
    'content-type': call.contentType ?? 'application/json',
    ...(call.compression === 'br' ? { 'content-encoding': 'br' } : {}),
  }
}
