import { createHash, createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { contentDigest, PAGE_MAC_EVENT, PAGE_MAC_HEADER, signBundleResponse, streamMacText } from '@esper/core'
import type { MitigationClient } from '../../clients/mitigation-client.js'
import { DomainError } from '../../http/problem.js'
import type { BundleSource, ListPartSource, LiveApiKey } from '../sdk-api-contract.js'

const JSON_TYPE = 'application/json'

export interface BundleRequest {
  readonly key: LiveApiKey
  readonly ifNoneMatch: string | undefined
  readonly now: number
}

/** The signed bundle, or 304 when the SDK has it. */
export async function sendBundle(
  response: ServerResponse,
  bundles: Pick<BundleSource, 'build'>,
  { key, ifNoneMatch, now }: BundleRequest,
): Promise<void> {
  const { body, etag } = await bundles.build(key)
  const common = { etag, 'cache-control': 'no-store' }
  if (ifNoneMatch === etag) {
    response.writeHead(304, common).end()
    return
  }
  const digest = contentDigest(createHash('sha256').update(body).digest('base64'))
  const signature = signBundleResponse(
    { status: 200, contentDigest: digest, contentType: JSON_TYPE, etag },
    { created: Math.floor(now / 1_000), keyid: key.key_id },
    (text) => createHmac('sha256', key.keys.bundleSigning).update(text).digest('base64'),
  )
  response.writeHead(200, {
    ...common,
    ...signature,
    'content-type': JSON_TYPE,
    'content-digest': digest,
    'content-length': body.length,
  })
  response.end(body)
}

/**
 * The part of a list. It is not signed: the bundle that names it by its hash is, and whoever fetched it checks the hash.
 */
export async function sendListPart(
  response: ServerResponse,
  parts: ListPartSource,
  { key, sha256 }: { readonly key: LiveApiKey; readonly sha256: string },
): Promise<void> {
  const part = /^[A-Za-z0-9_-]{43}$/.test(sha256) ? await parts.find(key.tenant_id, sha256) : undefined
  if (part === undefined) throw new DomainError('not_found', 'No bundle of this tenant names a list with this hash.')
  const body = Buffer.from(part, 'utf8')
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': body.length,
  })
  response.end(body)
}

/** Changes of the key's counting scope after a cursor, with a MAC in a header. */
export async function sendMitigations(
  response: ServerResponse,
  mitigation: Pick<MitigationClient, 'deltas'>,
  { key, since }: { readonly key: LiveApiKey; readonly since: number },
): Promise<void> {
  const { tenant_id: tenantId, source_id: sourceId, counting_scope: scope } = key
  const json = JSON.stringify(await mitigation.deltas({ tenantId, scope, since }))
  const text = streamMacText({ tenantId, sourceId, event: PAGE_MAC_EVENT, id: String(since), json })
  response.writeHead(200, {
    'content-type': JSON_TYPE,
    'cache-control': 'no-store',
    [PAGE_MAC_HEADER]: createHmac('sha256', key.keys.streamMac).update(text).digest('base64url'),
  })
  response.end(json)
}
