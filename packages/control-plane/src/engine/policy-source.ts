import {
  type CountingScope,
  type FieldDemand,
  listContents,
  type PolicySet,
  type PolicySetContent,
  type PreparedList,
  preparePolicySet,
  type SharedKeyPurpose,
} from '@esper/core'
import { readEvents } from '../clients/event-reader.js'
import type { ServerClient } from '../clients/server-client.js'
import { DomainError } from '../http/problem.js'
import type { Logger } from '../observability/logger.js'
import { BoundedMap } from '../support/bounded-map.js'
import { createListSource } from './list-source.js'

/** A policy set with the demand its bundle asked SDKs to capture. */
export interface LoadedPolicySet {
  readonly set: PolicySet
  readonly demand: FieldDemand
}

export interface ScopeSecrets {
  readonly entity: Buffer
  readonly redaction: Buffer
}

export interface PolicySource {
  /** The set in force; undefined for a tenant that is gone. */
  latest(tenantId: string): Promise<LoadedPolicySet | undefined>
  /** The set of a revision; undefined when there is none. */
  at(tenantId: string, revision: number): Promise<LoadedPolicySet | undefined>
  /** The scope's keys; undefined for a tenant that is gone. */
  secrets(tenantId: string, scope: CountingScope): Promise<ScopeSecrets | undefined>
  readonly connected: boolean
  close(): Promise<void>
}

export interface PolicySourceOptions {
  readonly server: ServerClient
  readonly logger: Logger
  readonly now: () => number
}

/** With a live stream a set is asked for again after this at the latest, in case a word of it was lost. */
const RECHECK_MS = 30_000
/** Without one, it is as fresh as this. */
const POLL_MS = 250
const SECRETS_MS = 60_000
const KEPT_SETS = 256

interface Known {
  readonly loaded: Promise<LoadedPolicySet | undefined>
  readonly fetchedAt: number
}

/** Policy sets by revision from esper-server, kept while its stream says nothing newer exists. */
export function createPolicySource({ server, logger, now }: PolicySourceOptions): PolicySource {
  const latest = new Map<string, Known>()
  const sets = new BoundedMap<LoadedPolicySet>(KEPT_SETS)
  const lists = createListSource({ server, logger })
  const secrets = new BoundedMap<{ readonly keys: ScopeSecrets; readonly fetchedAt: number }>(KEPT_SETS)

  const reader = readEvents({
    client: server.service,
    path: '/stream',
    onEvent: ({ event, data }) => {
      const tenantId = event === 'revision' ? tenantOf(data) : undefined
      if (tenantId !== undefined) latest.delete(tenantId)
      if (event === 'hello') latest.clear()
    },
    // What was said meanwhile is unknown, so everything is asked for again.
    onConnected: () => latest.clear(),
    onError: (error) => logger.info({ err: error }, 'the stream of revisions is not connected'),
  })

  async function load(tenantId: string, revision: number | 'latest'): Promise<LoadedPolicySet | undefined> {
    const content = await server.policySet(tenantId, revision).catch(undefinedWhenMissing)
    if (content === undefined) return undefined
    const name = `${tenantId}:${content.revision}`
    const known = sets.get(name)
    if (known !== undefined) return known
    const loaded = prepare(content, await lists.of(content), logger)
    sets.set(name, loaded, weightOf(content))
    return loaded
  }

  return {
    get connected() {
      return reader.connected
    },
    async latest(tenantId) {
      const known = latest.get(tenantId)
      const maxAgeMs = reader.connected ? RECHECK_MS : POLL_MS
      if (known !== undefined && now() - known.fetchedAt < maxAgeMs) return await known.loaded
      // Put down before the answer comes: a revision that is announced meanwhile takes it away again.
      const asked: Known = { loaded: load(tenantId, 'latest'), fetchedAt: now() }
      latest.set(tenantId, asked)
      try {
        return await asked.loaded
      } catch (error) {
        if (latest.get(tenantId) === asked) latest.delete(tenantId)
        throw error
      }
    },
    async at(tenantId, revision) {
      return sets.get(`${tenantId}:${revision}`) ?? (await load(tenantId, revision))
    },
    async secrets(tenantId, scope) {
      const name = `${tenantId}:${scope}`
      const known = secrets.get(name)
      if (known !== undefined && now() - known.fetchedAt < SECRETS_MS) return known.keys
      const answer = await server.scopeKeys(tenantId, scope).catch(undefinedWhenMissing)
      if (answer === undefined) return undefined
      const current = (purpose: SharedKeyPurpose) => {
        const found = answer.keys.find((key) => key.purpose === purpose && key.state === 'current')
        if (found === undefined) throw new Error(`The ${scope} scope of ${tenantId} has no ${purpose} key.`)
        return Buffer.from(found.key, 'base64url')
      }
      const fresh = { entity: current('entity'), redaction: current('redaction') }
      secrets.set(name, { keys: fresh, fetchedAt: now() })
      return fresh
    },
    close: () => reader.close(),
  }
}

/** A set counts for one, and for one more for so many entries of its lists, each of about a hundred bytes. */
const ENTRIES_A_SET = 5_000

function weightOf({ lists = [] }: PolicySetContent): number {
  return 1 + lists.reduce((sum, { count }) => sum + count, 0) / ENTRIES_A_SET
}

function prepare(
  content: PolicySetContent,
  prepared: ReadonlyMap<string, PreparedList>,
  logger: Logger,
): LoadedPolicySet {
  const set = preparePolicySet(content, listContents(content.lists, prepared))
  for (const problem of set.problems) {
    logger.warn({ tenant_id: set.tenantId, revision: set.revision, problem }, 'a policy cannot be used')
  }
  return { set, demand: content.demand }
}

function undefinedWhenMissing(error: unknown): undefined {
  if (error instanceof DomainError && error.kind === 'not_found') return undefined
  throw error
}

function tenantOf(data: string): string | undefined {
  const value: unknown = JSON.parse(data)
  if (typeof value !== 'object' || value === null || !('tenant_id' in value)) return undefined
  return typeof value.tenant_id === 'string' ? value.tenant_id : undefined
}
