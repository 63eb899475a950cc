import { contentDigest, signRequest } from '@esper/core'
import type { ServerClock } from '../platform/clock.js'
import { mac, type PurposeKeys, randomId, sha256 } from '../platform/crypto.js'
import type { Call } from './call.js'

/** What calls are signed with, and for whom. */
export interface Signer {
  readonly origin: URL
  readonly keyid: string
  readonly keys: Pick<PurposeKeys, 'ingestSigning'>
  readonly clock: Pick<ServerClock, 'now'>
}

/** Headers that a call is sent with. */
export type CallHeaders = Readonly<Record<string, string>>

/**
 * Prepares the signing of calls: the answer gives the headers that say what a call carries and sign it. `body` is what
 * goes over the wire, compressed as the call says.
 */
export function callSigner({ origin, keyid, keys, clock }: Signer): (call: Call, body: Buffer | null) => CallHeaders {
  const authority = origin.host.toLowerCase()
  const sign = (text: string) => mac(keys.ingestSigning, text, 'base64')
  return (call, body) => {
    const { method, path, contentType = 'application/json' } = call
    const query = call.query === undefined ? '' : `?${call.query}`
    const params = { created: Math.floor(clock.now() / 1000), nonce: randomId() + randomId(), keyid }
    if (body === null) return { ...signRequest({ method, authority, path, query }, params, sign) }
    const digest = contentDigest(sha256(body))
    const encoding = call.compression === 'br' ? 'br' : undefined
    const signed = { method, authority, path, query, contentDigest: digest, contentType, contentEncoding: encoding }
    const { signature, 'signature-input': input } = signRequest(signed, params, sign)
    const headers = { 'content-digest': digest, 'content-type': contentType, 'signature-input': input, signature }
    return encoding === undefined ? headers : { ...headers, 'content-encoding': encoding }
  }
}
