import { createCipheriv, createHash, type KeyObject, randomBytes } from 'node:crypto'
import type { Bundle, PolicySetContent, SealedKey } from '@esper/core'
import { DomainError } from '../../http/problem.js'
import type { Revision, RevisionStore } from '../revisions/store.js'
import type { ScopeKey, ScopeKeyStore } from '../scope-keys/store.js'
import type { BuiltBundle, LiveApiKey } from '../sdk-api-contract.js'
import type { EpochStore } from './epoch-store.js'

/** How long a bundle may be believed; a new one is issued at half of it, so an unchanged tenant never expires. */
export const BUNDLE_LIFE_MS = 24 * 3_600_000
const HALF_LIFE_MS = BUNDLE_LIFE_MS / 2
const REMEMBERED = 2_000

export interface BundleBuilderOptions {
  readonly revisions: RevisionStore
  readonly scopeKeys: ScopeKeyStore
  readonly epochs: EpochStore
  readonly now: () => number
}

export interface BundleBuilder {
  build(key: LiveApiKey): Promise<BuiltBundle>
}

export function createBundleBuilder(options: BundleBuilderOptions): BundleBuilder {
  const { revisions, epochs, now } = options
  /** Sealing draws a new nonce, so the same bundle has the same bytes only while it is remembered. */
  const remembered = new Map<string, BuiltBundle>()
  return {
    build: async (key) => {
      const latest = await revisions.latest(key.tenant_id)
      if (latest === undefined) throw new DomainError('not_found', 'This tenant has no policy set.')
      const epoch = await epochs.current()
      const times = issueTimes(key.tenant_id, latest, now())
      const name = JSON.stringify([key.key_id, key.source_id, key.trust_level, epoch, latest.revision, times.not_after])
      const known = remembered.get(name)
      if (known !== undefined) return known
      const built = await assemble(options, { key, epoch, times, revision: latest.revision, name })
      if (remembered.size >= REMEMBERED) remembered.clear()
      remembered.set(name, built)
      return built
    },
  }
}

interface Assembly {
  readonly key: LiveApiKey
  readonly epoch: number
  readonly times: { readonly issued_at: number; readonly not_after: number }
  readonly revision: number
  readonly name: string
}

async function assemble(
  { revisions, scopeKeys }: BundleBuilderOptions,
  { key, epoch, times, revision, name }: Assembly,
): Promise<BuiltBundle> {
  const stored = await revisions.content(key.tenant_id, revision)
  if (stored === undefined) throw new DomainError('not_found', 'This tenant has no policy set.')
  const content: PolicySetContent = JSON.parse(stored.json)
  const shared = await scopeKeys.ofScope(key.tenant_id, key.counting_scope)
  const bundle: Bundle = {
    ...content,
    source_id: key.source_id,
    trust_level: key.trust_level,
    counting_scope: key.counting_scope,
    epoch,
    ...times,
    keys: shared.map((one) => seal(one, key)),
  }
  const body = Buffer.from(JSON.stringify(bundle), 'utf8')
  const keyIds = shared.map(({ key_id, state }) => `${key_id}:${state}`)
  return { body, etag: etagOf(name, keyIds), revision, epoch, not_after: times.not_after }
}

/**
 * Times on a grid of half lives, so that every server issues the same bundle at the same moment. The grid is shifted
 * by tenant: they do not all pull at once.
 */
function issueTimes(tenantId: string, latest: Revision, now: number): { issued_at: number; not_after: number } {
  const shift = createHash('sha256').update(tenantId).digest().readUInt32BE(0) % HALF_LIFE_MS
  const start = Math.floor((now - shift) / HALF_LIFE_MS) * HALF_LIFE_MS + shift
  return { issued_at: Math.max(start, latest.created_at.getTime()), not_after: start + BUNDLE_LIFE_MS }
}

function etagOf(name: string, keyIds: readonly string[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([name, keyIds]))
    .digest('base64url')
  return `"${hash.slice(0, 32)}"`
}

function seal({ purpose, key_id, state, key }: ScopeKey, { tenant_id, source_id, keys }: LiveApiKey): SealedKey {
  const context = `${tenant_id}|${source_id}|${purpose}|${key_id}`
  return { purpose, key_id, state, sealed: sealKey(keys.bundleSeal, key, context) }
}

function sealKey(sealKey: KeyObject, plain: Buffer, context: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', sealKey, iv, { authTagLength: 16 })
  cipher.setAAD(Buffer.from(context, 'utf8'))
  const parts = [iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(parts).toString('base64url')
}
