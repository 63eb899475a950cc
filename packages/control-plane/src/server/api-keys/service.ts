import { isDeepStrictEqual } from 'node:util'
import type { MasterKey } from '../../config/option.js'
import { DomainError } from '../../http/problem.js'
import { newCredential } from '../auth/credential-store.js'
import type { Change, RunChange } from '../changes/change.js'
import { newId } from '../ids.js'
import { applyPatch } from '../resources/patch.js'
import type { Target } from '../resources/service.js'
import type { Page } from '../shapes.js'
import type { PageRequest } from '../store/tenant-store.js'
import { deriveKeys, fingerprintOf, wrapKeys } from './derive.js'
import {
  type ApiKeyCreate,
  type ApiKeyCreated,
  type ApiKeyPatch,
  type ApiKeyRecord,
  type ApiKeyRotate,
  apiKeyRecord,
} from './schema.js'
import type { ApiKeyStore, KeyVersion, StoredApiKey } from './store.js'

export interface ApiKeyService {
  list(tenantId: string, page: PageRequest): Promise<Page<ApiKeyRecord>>
  get(tenantId: string, id: string): Promise<ApiKeyRecord>
  /** The only answer that ever holds the secret. */
  create(target: Omit<Target, 'id'>, input: ApiKeyCreate): Promise<ApiKeyCreated>
  update(target: Target, patch: ApiKeyPatch): Promise<ApiKeyRecord>
  /** A new secret beside the one before, which ends after the overlap. */
  rotate(target: Target, input: ApiKeyRotate): Promise<ApiKeyCreated>
  revoke(target: Target): Promise<void>
}

export interface ApiKeyServiceOptions {
  readonly apiKeys: ApiKeyStore
  readonly masterKeys: readonly MasterKey[]
  readonly changes: RunChange
  /** Told, after the commit, which keys are not what they were. */
  readonly forget: (apiKeyIds: readonly string[]) => void
}

export function createApiKeyService(options: ApiKeyServiceOptions): ApiKeyService {
  const { apiKeys, changes } = options
  return {
    list: async (tenantId, request) => {
      const page = await apiKeys.page(tenantId, request)
      return { ...page, items: page.items.map(show) }
    },
    get: async (tenantId, id) => show(await existing(apiKeys, { tenantId }, id)),
    create: ({ tenantId, caller }, input) =>
      changes({ tenantId, caller, work: (change) => create(options, change, input) }),
    update: ({ tenantId, id, caller }, patch) =>
      changes({ tenantId, caller, work: (change) => update(options, change, { id, patch }) }),
    rotate: ({ tenantId, id, caller }, input) =>
      changes({ tenantId, caller, work: (change) => rotate(options, change, { id, ...input }) }),
    revoke: ({ tenantId, id, caller }) => changes({ tenantId, caller, work: (change) => revoke(options, change, id) }),
  }
}

async function create(options: ApiKeyServiceOptions, change: Change, input: ApiKeyCreate): Promise<ApiKeyCreated> {
  const { apiKeys, masterKeys } = options
  const { secret = newCredential('esk_'), ...fields } = input
  await refuseTakenName(apiKeys, change, { name: input.name })
  const at = change.now.toISOString()
  const api_key_id = newId('key')
  const version = 1
  const keys = deriveKeys(secret, api_key_id)
  const wrapped = wrapKeys(masterKeys, keys, { tenantId: change.tenantId, apiKeyId: api_key_id, version })
  const stored: StoredApiKey = {
    api_key_id,
    tenant_id: change.tenantId,
    key_id: `${api_key_id}.${version}`,
    ...fields,
    fingerprint: fingerprintOf(keys),
    last_used_at: null,
    created_at: at,
    updated_at: at,
    versions: [{ version, created_at: at, expires_at: null, wrapped }],
  }
  await apiKeys.insert(stored, change.session)
  const record = show(stored)
  change.tell({
    action: 'api_key.create',
    resource_type: 'api_key',
    resource_id: api_key_id,
    before: null,
    after: record,
  })
  return { ...record, secret }
}

async function update(
  options: ApiKeyServiceOptions,
  change: Change,
  { id, patch }: { id: string; patch: ApiKeyPatch },
): Promise<ApiKeyRecord> {
  const { apiKeys, forget } = options
  const before = await existing(apiKeys, change, id)
  const patched = applyPatch(before, patch)
  if (isDeepStrictEqual(patched, before)) return show(before)
  if (patched.name !== before.name) await refuseTakenName(apiKeys, change, { name: patched.name })
  const stored = { ...patched, updated_at: change.now.toISOString() }
  await apiKeys.replace(stored, change.session)
  change.tell({
    action: 'api_key.update',
    resource_type: 'api_key',
    resource_id: id,
    before: show(before),
    after: show(stored),
  })
  change.onCommitted(() => forget([id]))
  return show(stored)
}

async function rotate(
  options: ApiKeyServiceOptions,
  change: Change,
  { id, overlap_seconds, secret = newCredential('esk_') }: ApiKeyRotate & { readonly id: string },
): Promise<ApiKeyCreated> {
  const { apiKeys, masterKeys, forget } = options
  const before = await existing(apiKeys, change, id)
  const live = before.versions.filter((one) => one.expires_at === null || one.expires_at > change.now.toISOString())
  if (live.length > 1 && overlap_seconds > 0) throw twoLive(live)
  const version = Math.max(...before.versions.map((one) => one.version)) + 1
  const keys = deriveKeys(secret, id)
  const wrapped = wrapKeys(masterKeys, keys, { tenantId: change.tenantId, apiKeyId: id, version })
  const at = change.now.toISOString()
  const until = new Date(change.now.getTime() + overlap_seconds * 1_000).toISOString()
  const kept = overlap_seconds === 0 ? [] : live.map((one) => ({ ...one, expires_at: until }))
  const stored: StoredApiKey = {
    ...before,
    key_id: `${id}.${version}`,
    fingerprint: fingerprintOf(keys),
    updated_at: at,
    versions: [...kept, { version, created_at: at, expires_at: null, wrapped }],
  }
  await apiKeys.replace(stored, change.session)
  const record = show(stored)
  change.tell({
    action: 'api_key.rotate',
    resource_type: 'api_key',
    resource_id: id,
    before: show(before),
    after: { ...record, earlier_ends_at: until },
  })
  change.onCommitted(() => forget([id]))
  return { ...record, secret }
}

function twoLive(live: readonly KeyVersion[]): DomainError {
  const [oldest] = live
  return new DomainError(
    'rotation_under_way',
    `Two secrets of this key are live; the older one ends at ${oldest?.expires_at}. An overlap of 0 ends both now.`,
  )
}

async function revoke({ apiKeys, forget }: ApiKeyServiceOptions, change: Change, id: string): Promise<void> {
  const before = await existing(apiKeys, change, id)
  await apiKeys.remove(change.tenantId, id, change.session)
  change.tell({
    action: 'api_key.delete',
    resource_type: 'api_key',
    resource_id: id,
    before: show(before),
    after: null,
  })
  change.onCommitted(() => forget([id]))
}

async function existing(
  apiKeys: ApiKeyStore,
  { tenantId, session }: Pick<Change, 'tenantId'> & Partial<Pick<Change, 'session'>>,
  id: string,
): Promise<StoredApiKey> {
  const found = await apiKeys.find(tenantId, id, session)
  if (found === undefined) throw new DomainError('not_found', 'This tenant has no API key with this id.')
  return found
}

async function refuseTakenName(apiKeys: ApiKeyStore, change: Change, { name }: { name: string }): Promise<void> {
  if ((await apiKeys.findByName(change.tenantId, name, change.session)) === undefined) return
  throw new DomainError('name_taken', `Another API key is named "${name}".`, {
    errors: [{ path: 'name', code: 'name_taken', message: 'is the name of another API key' }],
  })
}

/** Only what the schema of the answer names gets out. */
function show(stored: StoredApiKey): ApiKeyRecord {
  return apiKeyRecord.parse(stored)
}
