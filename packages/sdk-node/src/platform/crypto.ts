import {
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
  randomFillSync,
} from 'node:crypto'
import { type HashSeed, KEY_PURPOSES } from '@esper/core'

export type PurposeKeys = Readonly<Record<keyof typeof KEY_PURPOSES, KeyObject>>

/** A key for one purpose: HKDF-SHA256 of the secret. */
export function deriveKey(secret: string, salt: string, purpose: string): KeyObject {
  return createSecretKey(
    Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'utf8'), Buffer.from(salt, 'utf8'), purpose, 32)),
  )
}

/** The keys that follow from an API key's secret; the secret itself is needed no longer. */
export function derivePurposeKeys(secret: string, apiKeyId: string): PurposeKeys {
  const derive = (purpose: string) => deriveKey(secret, apiKeyId, purpose)
  return {
    ingestSigning: derive(KEY_PURPOSES.ingestSigning),
    bundleSigning: derive(KEY_PURPOSES.bundleSigning),
    bundleSeal: derive(KEY_PURPOSES.bundleSeal),
    streamMac: derive(KEY_PURPOSES.streamMac),
    fingerprint: derive(KEY_PURPOSES.fingerprint),
  }
}

/** HMAC-SHA256 over UTF-8 text, base64 with padding or base64url without. */
export function mac(key: KeyObject, text: string, encoding: 'base64' | 'base64url' = 'base64url'): string {
  return createHmac('sha256', key).update(text).digest(encoding)
}

/** A seed for hashes that nobody outside the process may foresee. */
export function randomSeed(): HashSeed {
  const bytes = randomBytes(8)
  return [bytes.readInt32LE(0), bytes.readInt32LE(4)]
}

export function sha256(data: string | Buffer, encoding: 'base64' | 'base64url' | 'hex' = 'base64'): string {
  return hash('sha256', data, encoding)
}

const IV_BYTES = 12
const KEY_BYTES = 32
const TAG_BYTES = 16

/** Opens a shared key of a bundle; undefined when anything about it is not as sealed. */
export function unseal(sealed: string, sealKey: KeyObject, additionalData: string): KeyObject | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length !== IV_BYTES + KEY_BYTES + TAG_BYTES) return undefined
  const iv = bytes.subarray(0, IV_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', sealKey, iv, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(additionalData, 'utf8')).setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const opened = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
    return createSecretKey(Buffer.concat([opened, decipher.final()]))
  } catch {
    return undefined
  }
}

/** A key of its own for something that never leaves the process. */
export function randomKey(): KeyObject {
  return createSecretKey(randomBytes(KEY_BYTES))
}

const ID_LETTERS = 16
const pool = Buffer.alloc(3_072)
let letters = ''
let used = 0

/** 16 unguessable letters and digits, as people read them out. */
export function randomId(): string {
  if (used === letters.length) {
    letters = randomFillSync(pool).toString('base64url').replace(/[-_]/g, 'z')
    used = 0
  }
  used += ID_LETTERS
  return letters.slice(used - ID_LETTERS, used)
}
