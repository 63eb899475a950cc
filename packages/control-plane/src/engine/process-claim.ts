import { randomBytes } from 'node:crypto'
import type { CountingScope } from '@esper/core'
import type { IngestionClient } from '../clients/ingestion-client.js'
import type { MitigationClient } from '../clients/mitigation-client.js'
import type { ClaimedBatch, ClaimResponse, DecidedBatch } from '../contract/ingestion.js'
import type { Publication, StoredMitigation } from '../contract/mitigation.js'
import { isDuplicateKey, withTransaction } from '../database/transaction.js'
import type { Connection } from '../database/types.js'
import { readClaim, ScopeContext, scopeOf } from './claim-events.js'
import { decideClaim } from './decide-claim.js'
import { emptyPolicySet } from './empty-policy-set.js'
import type { LoadedPolicySet, PolicySource, ScopeSecrets } from './policy-source.js'
import { type PreparedClaim, prepareEvents, revisionsOf } from './prepare-events.js'
import { type RecordStore, recordId } from './record-store.js'
import type { WindowStore } from './window-store.js'

export type Claim = NonNullable<ClaimResponse['claim']>

/** The points between which a worker may die. */
export type ClaimStep = 'prepared' | 'committed' | 'published' | 'acknowledged'

export interface EngineParts {
  readonly connection: Connection
  readonly ingestion: Pick<IngestionClient, 'ack'>
  readonly mitigation: Pick<MitigationClient, 'lookup' | 'publish'>
  readonly policies: PolicySource
  readonly windows: WindowStore
  readonly records: RecordStore
  readonly now: () => number
  /** How long a publication is left to the worker that wrote it. */
  readonly outboxLeaseMs: number
  /** Told after each step. */
  readonly onStep?: (step: ClaimStep) => void
  readonly onConflict?: () => void
  readonly onDecided?: (events: number) => void
}

/**
 * Decides a claim: counts, records and outbox in one transaction, then publishes, then acknowledges. Batches that were
 * decided before only have their publications delivered. Whatever it throws, the claim can be delivered again.
 */
export async function processClaim(parts: EngineParts, claim: Claim): Promise<void> {
  const known = await parts.records.decided(claim.batches)
  const earlier = [...known.values()].flatMap((record) => record.publication_ids)
  await publishAll(parts, await parts.records.pending([...new Set(earlier)]))
  const fresh = claim.batches.filter((batch) => !known.has(recordId(batch)))
  const decided = fresh.length === 0 ? NOTHING_FRESH : await decideFresh(parts, fresh)
  parts.onStep?.('committed')
  await publishAll(parts, decided.publications)
  parts.onStep?.('published')
  const revisionOf = (batch: ClaimedBatch) => known.get(recordId(batch))?.revision ?? decided.revision
  await parts.ingestion.ack(
    claim.claim_id,
    claim.batches.map((batch) => toDecided(batch, revisionOf(batch))),
  )
  parts.onStep?.('acknowledged')
}

/** What a claim's new batches came to. */
interface Decided {
  readonly publications: readonly Publication[]
  /** Policy set they were decided with. */
  readonly revision: number
}

const NOTHING_FRESH: Decided = { publications: [], revision: 0 }

function toDecided({ batch_id, source_id }: ClaimedBatch, revision: number): DecidedBatch {
  return { batch_id, source_id, revision }
}

/** Delivers publications in their order and notes that they have been. */
export async function publishAll(
  { mitigation, records, now }: Pick<EngineParts, 'mitigation' | 'records' | 'now'>,
  publications: readonly Publication[],
): Promise<void> {
  if (publications.length === 0) return
  for (const publication of publications) await mitigation.publish(publication)
  await records.markPublished(
    publications.map((publication) => publication.publication_id),
    now(),
  )
}

async function decideFresh(parts: EngineParts, batches: readonly ClaimedBatch[]): Promise<Decided> {
  const [first] = batches
  if (first === undefined) return NOTHING_FRESH
  const tenantId = first.tenant_id
  const latest = (await parts.policies.latest(tenantId)) ?? emptyPolicySet(tenantId)
  const contexts = await scopeContexts(parts.policies, batches)
  const { events, counters } = readClaim(batches, { contexts, clearCookies: latest.set.clearCookies })
  const byRevision = new Map([[latest.set.revision, latest]])
  for (const revision of revisionsOf(events)) {
    const loaded = byRevision.get(revision) ?? (await parts.policies.at(tenantId, revision))
    if (loaded !== undefined) byRevision.set(revision, loaded)
  }
  const prepared = prepareEvents(events, { latest, byRevision })
  const mitigations = await lookupAll(parts, prepared)
  parts.onStep?.('prepared')
  const commit = { tenantId, latest, batches, prepared, counters, mitigations }
  const publications = await commitClaim(parts, commit)
  parts.onDecided?.(events.length)
  return { publications, revision: latest.set.revision }
}

async function lookupAll({ mitigation }: EngineParts, prepared: PreparedClaim): Promise<readonly StoredMitigation[]> {
  const found: StoredMitigation[] = []
  for (const lookup of prepared.lookups) found.push(...(await mitigation.lookup(lookup)))
  return found
}

async function scopeContexts(
  policies: PolicySource,
  batches: readonly ClaimedBatch[],
): Promise<ReadonlyMap<CountingScope, ScopeContext>> {
  const contexts = new Map<CountingScope, ScopeContext>()
  for (const batch of batches) {
    const scope = scopeOf(batch)
    if (contexts.has(scope)) continue
    const secrets = (await policies.secrets(batch.tenant_id, scope)) ?? noSecrets()
    contexts.set(scope, new ScopeContext(scope, secrets))
  }
  return contexts
}

/** A tenant that is gone has no policies either: its events are counted and nothing of them is kept. */
function noSecrets(): ScopeSecrets {
  return { entity: randomBytes(32), redaction: randomBytes(32) }
}

interface CommitInput {
  readonly tenantId: string
  readonly latest: LoadedPolicySet
  readonly batches: readonly ClaimedBatch[]
  readonly prepared: PreparedClaim
  readonly counters: ReturnType<typeof readClaim>['counters']
  readonly mitigations: readonly StoredMitigation[]
}

async function commitClaim(parts: EngineParts, input: CommitInput): Promise<readonly Publication[]> {
  const { connection, windows, records, now, outboxLeaseMs } = parts
  const { tenantId, latest, batches, prepared } = input
  const onRetry = parts.onConflict
  return await withTransaction(
    connection,
    async (session) => {
      // Another worker decided one of them meanwhile: this claim was taken from us, and its delivery is not ours.
      if ((await records.decided(batches, session)).size > 0) throw new ClaimOvertakenError()
      const pages = await windows.read(prepared.pages, session)
      const at = now()
      const decided = decideClaim({ ...input, events: prepared.events, pages, now: at })
      await windows.add(tenantId, decided.changes, { now: at, session })
      const { publications } = decided
      const { revision } = latest.set
      await records.record({ batches, publications, revision, now: at, leaseUntil: at + outboxLeaseMs }, session)
      return publications
    },
    { alsoRetry: isDuplicateKey, ...(onRetry === undefined ? {} : { onRetry }) },
  )
}

/** The lease of the claim was over and another worker was faster; nothing was changed. */
export class ClaimOvertakenError extends Error {
  constructor() {
    super('another worker decided a batch of this claim')
    this.name = 'ClaimOvertakenError'
  }
}
