import { createCipheriv, randomBytes } from 'node:crypto'
import {
  BUNDLE_FORMAT,
  type Bundle,
  type BundleMitigation,
  type BundlePolicy,
  NO_DEMAND,
  type Program,
  type SealedKey,
  SHARED_KEY_PURPOSES,
} from '@esper/core'
import type { PurposeKeys } from '../platform/crypto.js'

export const program = (root: Program['root']): Program => ({ version: 1, root })
const path = (...names: string[]): Program['root'] => ['path', ...names]
const lit = (value: string | number | boolean): Program['root'] => ['lit', value]
export const equals = (field: string, value: string): Program => program(['eq', path(...field.split('.')), lit(value)])

export function mitigation(mode: BundleMitigation['mode'], more: Partial<BundleMitigation> = {}): BundleMitigation {
  return {
    mitigation_id: `mit_${mode.toLowerCase()}`,
    name: mode,
    mode,
    duration_seconds: 600,
    scope: 'policy',
    fail_mode: 'open',
    ...(mode === 'Block' ? { response: { status: 429, retry_after: 'auto' } } : {}),
    ...(mode === 'Challenge' ? { challenge: { provider: 'pow', level: 1, min_level: 1, one_time: false } } : {}),
    ...more,
  }
}

/** A policy on one path, with the entity `client_ip`. */
export function policy(id: string, requestPath: string, more: Partial<BundlePolicy> = {}): BundlePolicy {
  return {
    policy_id: `pol_${id}`,
    name: id,
    revision: 1,
    priority: 10,
    program: equals('request_path', requestPath),
    action_ids: [],
    ...more,
  }
}

export interface SharedKeys {
  readonly entity: Buffer
  readonly redaction: Buffer
  readonly challenge: Buffer
  readonly clearance: Buffer
}

export function sharedKeys(): SharedKeys {
  return { entity: randomBytes(32), redaction: randomBytes(32), challenge: randomBytes(32), clearance: randomBytes(32) }
}

export function sealKeys(
  shared: SharedKeys,
  keys: PurposeKeys,
  owner: { readonly tenant_id: string; readonly source_id: string },
): SealedKey[] {
  return SHARED_KEY_PURPOSES.map((purpose) => {
    const keyId = `${purpose}-1`
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', keys.bundleSeal, iv, { authTagLength: 16 })
    cipher.setAAD(Buffer.from(`${owner.tenant_id}|${owner.source_id}|${purpose}|${keyId}`))
    const sealed = Buffer.concat([iv, cipher.update(shared[purpose]), cipher.final(), cipher.getAuthTag()])
    return { purpose, key_id: keyId, state: 'current', sealed: sealed.toString('base64url') }
  })
}

/** A bundle of the tenant `ten_a`, source `web`, with the entity definition `ip` and whatever is given. */
export function bundle(keys: PurposeKeys, shared: SharedKeys, more: Partial<Bundle> = {}): Bundle {
  const owner = { tenant_id: 'ten_a', source_id: 'web' }
  return {
    ...owner,
    format: BUNDLE_FORMAT,
    revision: 1,
    epoch: 1,
    enforcement: 'on',
    trust_level: 'Internal',
    counting_scope: 'tenant',
    clear_cookies: [],
    demand: NO_DEMAND,
    actions: [],
    entity_definitions: [{ entity_definition_id: 'ent_ip', name: 'ip', priority: 1, key_fields: ['client_ip'] }],
    mitigations: [mitigation('Block'), mitigation('Challenge'), mitigation('Monitor')],
    policies: [],
    issued_at: Date.now(),
    not_after: Date.now() + 3_600_000,
    keys: sealKeys(shared, keys, owner),
    ...more,
  }
}
