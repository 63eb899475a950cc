import { createHash, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import {
  checkCreated,
  checkRequest,
  LIMITS,
  type ParsedSignature,
  parseSignature,
  type SignatureFailure,
  type SignedRequest,
} from '@esper/core'
import { DomainError } from '../../http/problem.js'
import { readRawBody } from '../../http/raw-body.js'
import type { ApiKeyDirectory, LiveApiKey } from '../sdk-api-contract.js'
import { candidates } from './authorities.js'
import type { OnceStore } from './once-store.js'

export interface VerifierOptions {
  readonly apiKeys: Pick<ApiKeyDirectory, 'lookup'>
  readonly nonces: Pick<OnceStore, 'take'>
  readonly authorities: readonly string[]
  readonly now: () => number
}

/** A request whose signature holds, and whose it is. */
export interface VerifiedRequest {
  readonly key: LiveApiKey
  /** The bytes as they came; empty without a body. */
  readonly body: Buffer
}

/** MAC of a key nobody has: an unknown key takes as long and is answered as a wrong signature. */
const NOBODY: KeyObject = createSecretKey(randomBytes(32))

/**
 * Checks a signed request in the order of cost: shape, coverage, clock, key, body under a cap, digest and MAC, nonce.
 * Nothing is inflated or parsed before all of it holds.
 */
export async function verifyRequest(
  options: VerifierOptions,
  request: IncomingMessage,
  { maxBytes }: { readonly maxBytes: number },
): Promise<VerifiedRequest> {
  const signature = readSignature(request)
  const nowSeconds = Math.floor(options.now() / 1_000)
  const skew = checkCreated(signature.created, nowSeconds)
  if (skew !== undefined) throw refusal(skew)
  const key = await options.apiKeys.lookup(signature.apiKeyId, signature.version)
  const body = hasBody(request) ? await readRawBody(request, { maxBytes }) : undefined
  const failure = checkAll({ options, request, signature, key, body })
  if (failure !== undefined || key === undefined) throw refusal(failure ?? 'bad-signature')
  const name = `${signature.keyid}:${signature.nonce}`
  if (!(await options.nonces.take(name, options.now() + LIMITS.nonceSeconds * 1_000))) throw refusal('replay')
  return { key, body: body ?? Buffer.alloc(0) }
}

function readSignature({ headers, headersDistinct }: IncomingMessage): ParsedSignature {
  // Node joins repeated headers of other names with a comma; one sent twice must not pass for one.
  const single = (name: string) => {
    const values = headersDistinct[name]
    return values !== undefined && values.length > 1 ? values : headers[name]
  }
  const parsed = parseSignature({ 'signature-input': single('signature-input'), signature: single('signature') })
  if (!parsed.ok) throw refusal(parsed.code)
  return parsed.signature
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

interface Check {
  readonly options: VerifierOptions
  readonly request: IncomingMessage
  readonly signature: ParsedSignature
  readonly key: LiveApiKey | undefined
  readonly body: Buffer | undefined
}

function checkAll({ options, request, signature, key, body }: Check): SignatureFailure | undefined {
  const secret = key?.keys.ingestSigning ?? NOBODY
  const mac = (text: string) => createHmac('sha256', secret).update(text).digest('base64')
  const bodySha256 = body === undefined ? undefined : createHash('sha256').update(body).digest('base64')
  let failure: SignatureFailure | undefined = 'bad-signature'
  for (const authority of candidates(request.headers.host, options.authorities)) {
    failure = checkRequest({ request: signedParts(request, authority), signature, bodySha256, mac })
    if (failure !== 'bad-signature') return failure
  }
  return failure
}

function signedParts({ method = 'GET', url = '/', headers }: IncomingMessage, authority: string): SignedRequest {
  const mark = url.indexOf('?')
  const digest = headers['content-digest']
  return {
    method,
    authority,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark),
    contentDigest: typeof digest === 'string' ? digest : undefined,
    contentType: headers['content-type'],
    contentEncoding: headers['content-encoding'],
  }
}

const DETAILS: Readonly<Record<SignatureFailure, string>> = {
  missing: 'Sign the request: Signature-Input and Signature are missing.',
  malformed: 'Signature-Input or Signature is not in the form of the profile.',
  'insufficient-coverage': 'The signature does not cover what this request needs.',
  'wrong-profile': 'The signature is of another profile.',
  'too-old': 'The signature is too old; server_time says what time it is here.',
  'too-new': 'The signature is from the future; server_time says what time it is here.',
  'digest-mismatch': 'Content-Digest is not that of the body.',
  'bad-signature': 'The key is not known or the signature does not hold.',
  replay: 'This nonce was used before; sign again with another.',
}

function refusal(code: SignatureFailure): DomainError {
  switch (code) {
    case 'malformed':
      return new DomainError('signature_malformed', DETAILS[code])
    case 'too-old':
    case 'too-new':
      return new DomainError('clock_skew', DETAILS[code])
    case 'replay':
      return new DomainError('replay', DETAILS[code])
    default:
      return new DomainError('signature_invalid', DETAILS[code])
  }
}
