import { createSecretKey, type KeyObject } from 'node:crypto'
import { countingScope } from '@esper/core'
import type { MasterKey } from '../../config/option.js'
import type { Logger } from '../../observability/logger.js'
import type { ApiKeyDirectory, KeyPurposeName, LiveApiKey } from '../sdk-api-contract.js'
import type { TenantStoreOfTenants } from '../tenants/store.js'
import { unwrapKeys } from './derive.js'
import type { ApiKeyStore, KeyVersion, StoredApiKey } from './store.js'

/** A key whose revocation nobody could tell us of is believed for no longer than this. */
const REMEMBER_MS = 60_000
const REMEMBERED = 10_000
const TOUCH_EVERY_MS = 60_000
const DAY_SECONDS = 86_400

export interface DirectoryOptions {
  readonly apiKeys: ApiKeyStore
  readonly tenants: TenantStoreOfTenants
  readonly masterKeys: readonly MasterKey[]
  readonly now: () => number
  readonly logger: Logger
}

export interface OwnedApiKeyDirectory extends ApiKeyDirectory {
  /** Forgets what is remembered of these keys and tells whoever serves them. */
  forget(apiKeyIds: readonly string[]): void
  /** Forgets everything, when changes may have been missed. Streams go on: their next look-up decides. */
  forgetAll(): void
}

interface Remembered {
  readonly key: LiveApiKey
  readonly expiresAt: number
  readonly until: number
}

export function createApiKeyDirectory(options: DirectoryOptions): OwnedApiKeyDirectory {
  const { apiKeys, now, logger } = options
  const remembered = new Map<string, Remembered>()
  const touched = new Map<string, number>()
  const listeners = new Set<(apiKeyId: string) => void>()
  /** Rises with each revocation: a look-up that was under way then must not be remembered. */
  let generation = 0

  const drop = (apiKeyId: string) => {
    for (const keyId of remembered.keys()) if (keyId.startsWith(`${apiKeyId}.`)) remembered.delete(keyId)
  }
  return {
    lookup: async (apiKeyId, version) => {
      const keyId = `${apiKeyId}.${version}`
      const known = remembered.get(keyId)
      if (known !== undefined && known.until > now()) return known.expiresAt > now() ? known.key : undefined
      const before = generation
      const found = await load(options, apiKeyId, version)
      if (found === undefined || found.expiresAt <= now()) return undefined
      if (generation === before) {
        if (remembered.size >= REMEMBERED) remembered.clear()
        remembered.set(keyId, { ...found, until: now() + REMEMBER_MS })
      }
      return found.key
    },
    markUsed: ({ api_key_id, tenant_id }) => {
      const at = now()
      if (at - (touched.get(api_key_id) ?? 0) < TOUCH_EVERY_MS) return
      if (touched.size >= REMEMBERED) touched.clear()
      touched.set(api_key_id, at)
      apiKeys.touch(tenant_id, api_key_id, new Date(at)).catch((error: unknown) => {
        logger.warn({ err: error, api_key_id }, 'could not note the use of an API key')
      })
    },
    onRevoked: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    forget: (apiKeyIds) => {
      generation += 1
      for (const apiKeyId of apiKeyIds) {
        drop(apiKeyId)
        for (const listener of listeners) listener(apiKeyId)
      }
    },
    forgetAll: () => {
      generation += 1
      remembered.clear()
    },
  }
}

async function load(
  { apiKeys, tenants, masterKeys }: DirectoryOptions,
  apiKeyId: string,
  version: number,
): Promise<Omit<Remembered, 'until'> | undefined> {
  const stored = await apiKeys.lookup(apiKeyId)
  const live = stored?.versions.find((one) => one.version === version)
  if (stored === undefined || live === undefined) return undefined
  const tenant = await tenants.find(stored.tenant_id)
  if (tenant === undefined) return undefined
  const key: LiveApiKey = {
    api_key_id: stored.api_key_id,
    version,
    key_id: `${apiKeyId}.${version}`,
    tenant_id: stored.tenant_id,
    source_id: stored.source_id,
    trust_level: stored.trust_level,
    counting_scope: countingScope(stored.trust_level, stored.source_id),
    retention_seconds: tenant.retention_days * DAY_SECONDS,
    keys: openKeys(masterKeys, stored, live),
  }
  return { key, expiresAt: live.expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(live.expires_at) }
}

function openKeys(
  masterKeys: readonly MasterKey[],
  { tenant_id, api_key_id }: StoredApiKey,
  { version, wrapped }: KeyVersion,
): Record<KeyPurposeName, KeyObject> {
  const keys = unwrapKeys(masterKeys, wrapped, { tenantId: tenant_id, apiKeyId: api_key_id, version })
  return {
    ingestSigning: createSecretKey(keys.ingestSigning),
    bundleSigning: createSecretKey(keys.bundleSigning),
    bundleSeal: createSecretKey(keys.bundleSeal),
    streamMac: createSecretKey(keys.streamMac),
    fingerprint: createSecretKey(keys.fingerprint),
  }
}
