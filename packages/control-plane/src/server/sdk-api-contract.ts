/**
 * What the operator side of esper-server gives its SDK API (`sdk-api/`): live API keys, bundles, and word of what
 * changed. `createSdkApi(deps)` is mounted before everything else and gets requests untouched.
 */
import type { KeyObject } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CountingScope, KEY_PURPOSES, TrustLevel } from '@esper/core'

/** Name of a purpose key, as in core's `KEY_PURPOSES`. */
export type KeyPurposeName = keyof typeof KEY_PURPOSES

/** One live version of an API key with what follows from it. Tenant, source and trust come from here and nowhere else. */
export interface LiveApiKey {
  readonly api_key_id: string
  readonly version: number
  /** `<api_key_id>.<version>`, the `keyid` on the wire. */
  readonly key_id: string
  readonly tenant_id: string
  readonly source_id: string
  readonly trust_level: TrustLevel
  readonly counting_scope: CountingScope
  /** How long the tenant keeps events. */
  readonly retention_seconds: number
  readonly keys: Readonly<Record<KeyPurposeName, KeyObject>>
}

export interface BuiltBundle {
  /** The body, byte for byte what is digested and signed. */
  readonly body: Buffer
  /** Quoted; covers revision, epoch and `not_after`. */
  readonly etag: string
  readonly revision: number
  readonly epoch: number
  /** Epoch milliseconds. */
  readonly not_after: number
}

export type Unsubscribe = () => void

export interface ApiKeyDirectory {
  /**
   * The live version of that number, or undefined: unknown, revoked, expired or of a deleted tenant. Remembered for at
   * most 60 seconds; a revocation anywhere is forgotten at once. Rejects only when the database cannot be reached.
   */
  lookup(apiKeyId: string, version: number): Promise<LiveApiKey | undefined>
  /** Notes that the key was used; written at most once a minute per key, never awaited. */
  markUsed(key: LiveApiKey): void
  /** Told when a key is revoked or changed, here or in another process: its streams must be closed. */
  onRevoked(listener: (apiKeyId: string) => void): Unsubscribe
}

export interface BundleSource {
  /** The bundle for this key as of now; the same bytes until something in it changes or half its life is over. */
  build(key: LiveApiKey): Promise<BuiltBundle>
  /** Latest policy set revision of a tenant; 0 before the first. */
  latestRevision(tenantId: string): Promise<number>
  /** Told of each new revision of any tenant, here or in another process. */
  onRevision(listener: (change: { readonly tenant_id: string; readonly revision: number }) => void): Unsubscribe
}

/** What the SDK API sees of one SDK process: shown in the console as "live in n of m SDKs". */
export interface SdkSighting {
  readonly tenant_id: string
  readonly source_id: string
  readonly instance_id: string
  readonly sdk: string
  /** Bundle revision it works with, at least. */
  readonly revision: number
  /**
   * How it said so. By `sync` it says what it works with now; a batch names the revision that its events were captured
   * under, which may be behind when it arrives, so it never lowers what is known.
   */
  readonly by: 'batch' | 'sync'
  readonly loss?: Readonly<Record<string, number>>
  /** Epoch milliseconds. */
  readonly at: number
}

export interface ListPartSource {
  /** The part of a tenant's list by its hash; undefined when no bundle of that tenant names it, whoever else's may. */
  find(tenantId: string, sha256: string): Promise<string | undefined>
}

export interface SdkApiDeps {
  readonly apiKeys: ApiKeyDirectory
  readonly bundles: BundleSource
  readonly listParts: ListPartSource
  /** Notes an SDK process; buffered and written coarsely, never awaited. */
  reportSdk(sighting: SdkSighting): void
}

export interface SdkApi {
  /** Whether the request was one of `/v1/*` and has been taken over. */
  handle(request: IncomingMessage, response: ServerResponse): boolean
}
