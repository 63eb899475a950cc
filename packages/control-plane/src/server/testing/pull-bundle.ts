import { createHash, createHmac } from 'node:crypto'
import { type Bundle, checkBundleResponse } from '@esper/core'
import { expect } from 'vitest'
import type { KeyHolder } from './sign.js'
import type { TestServer } from './start-server.js'

export interface Pulled {
  readonly status: number
  readonly etag: string
  readonly bundle: Bundle
}

/** Pulls the bundle as an SDK does, and believes it only when its signature holds. */
export async function pullBundle(server: TestServer, holder: KeyHolder, ifNoneMatch?: string): Promise<Pulled> {
  const headers = ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }
  const response = await holder.get(`${server.url}/v1/bundle`, headers)
  const body = Buffer.from(await response.arrayBuffer())
  const etag = response.headers.get('etag') ?? ''
  if (response.status === 200) expectSigned(response, body, holder)
  return { status: response.status, etag, bundle: response.status === 200 ? JSON.parse(body.toString()) : undefined }
}

function expectSigned(response: Response, body: Buffer, holder: KeyHolder): void {
  const checked = checkBundleResponse({
    headers: Object.fromEntries(response.headers),
    response: {
      status: response.status,
      contentDigest: response.headers.get('content-digest') ?? '',
      contentType: response.headers.get('content-type') ?? '',
      etag: response.headers.get('etag') ?? '',
    },
    bodySha256: createHash('sha256').update(body).digest('base64'),
    keyid: holder.keyId,
    mac: (text) => createHmac('sha256', holder.derive('bundleSigning')).update(text).digest('base64'),
  })
  expect(checked.ok).toBe(true)
}
