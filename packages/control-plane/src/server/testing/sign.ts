import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { KEY_PURPOSES, signRequest } from '@esper/core'

/** What whoever holds a key's secret can do with it, worked out from the secret alone. */
export interface KeyHolder {
  readonly keyId: string
  derive(purpose: keyof typeof KEY_PURPOSES): Buffer
  /** A signed GET of the SDK API. */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Response>
}

export interface IssuedKey {
  readonly api_key_id: string
  readonly key_id: string
  readonly secret: string
}

export function holderOf({ api_key_id, key_id, secret }: IssuedKey, now: () => number = Date.now): KeyHolder {
  const derive = (purpose: keyof typeof KEY_PURPOSES) =>
    Buffer.from(hkdfSync('sha256', secret, api_key_id, KEY_PURPOSES[purpose], 32))
  return {
    keyId: key_id,
    derive,
    get: (url, headers = {}) => {
      const { host, pathname, search } = new URL(url)
      const signed = signRequest(
        { method: 'GET', authority: host, path: pathname, query: search },
        { created: Math.floor(now() / 1_000), nonce: randomBytes(18).toString('base64url'), keyid: key_id },
        (text) => createHmac('sha256', derive('ingestSigning')).update(text).digest('base64'),
      )
      return fetch(url, { headers: { ...headers, ...signed } })
    },
  }
}
