import { createHash, hkdfSync } from 'node:crypto'
import { KEY_PURPOSES } from '@esper/core'
import type { MasterKey } from '../../config/option.js'
import { unwrapKey, type WrappedKey, wrapKey } from '../crypto/key-wrap.js'
import type { KeyPurposeName } from '../sdk-api-contract.js'

const KEY_BYTES = 32

/** Which key of which tenant a purpose key belongs to. */
export interface KeyPlace {
  readonly tenantId: string
  readonly apiKeyId: string
  readonly version: number
}

/** Everything that is ever made of a secret: one independent key a purpose. */
export function deriveKeys(secret: string, apiKeyId: string): Record<KeyPurposeName, Buffer> {
  return mapPurposes((_name, purpose) => Buffer.from(hkdfSync('sha256', secret, apiKeyId, purpose, KEY_BYTES)))
}

export function wrapKeys(
  masterKeys: readonly MasterKey[],
  keys: Record<KeyPurposeName, Buffer>,
  place: KeyPlace,
): Record<KeyPurposeName, WrappedKey> {
  return mapPurposes((name, purpose) => wrapKey(masterKeys, keys[name], contextOf(place, purpose)))
}

export function unwrapKeys(
  masterKeys: readonly MasterKey[],
  wrapped: Record<KeyPurposeName, WrappedKey>,
  place: KeyPlace,
): Record<KeyPurposeName, Buffer> {
  return mapPurposes((name, purpose) => unwrapKey(masterKeys, wrapped[name], contextOf(place, purpose)))
}

/** Eight hexadecimal digits that tell two secrets apart and say nothing of either. */
export function fingerprintOf(keys: Record<KeyPurposeName, Buffer>): string {
  return createHash('sha256').update(keys.fingerprint).digest('hex').slice(0, 8)
}

function contextOf({ tenantId, apiKeyId, version }: KeyPlace, purpose: string): string {
  return `${tenantId}|${apiKeyId}|${version}|${purpose}`
}

function mapPurposes<T>(make: (name: KeyPurposeName, purpose: string) => T): Record<KeyPurposeName, T> {
  return {
    ingestSigning: make('ingestSigning', KEY_PURPOSES.ingestSigning),
    bundleSigning: make('bundleSigning', KEY_PURPOSES.bundleSigning),
    bundleSeal: make('bundleSeal', KEY_PURPOSES.bundleSeal),
    streamMac: make('streamMac', KEY_PURPOSES.streamMac),
    fingerprint: make('fingerprint', KEY_PURPOSES.fingerprint),
  }
}
