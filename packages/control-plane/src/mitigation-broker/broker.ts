import type { EndRequest, MitigationUpsert, Publication, ReleaseRequest } from '../contract/mitigation.js'
import { isDuplicateKey, withTransaction } from '../database/transaction.js'
import type { ClientSession, Connection } from '../database/types.js'
import type { MitigationDocument } from './documents.js'
import type { MitigationStore, UpsertResult } from './mitigation-store.js'
import type { PublicationStore } from './publication-store.js'
import { rollupChanges } from './rollups.js'

export interface BrokerEvents {
  /** A transaction met another writer and starts again. */
  conflict(): void
  upsert(result: UpsertResult): void
}

export interface MitigationBrokerOptions {
  readonly connection: Connection
  readonly publications: PublicationStore
  readonly mitigations: MitigationStore
  readonly now: () => number
  readonly events?: BrokerEvents
}

const END_CHUNK = 200

/** What changes the mitigation broker's database: each call is one transaction, or repeatable ones. */
export class MitigationBroker {
  readonly #options: MitigationBrokerOptions

  constructor(options: MitigationBrokerOptions) {
    this.#options = options
  }

  /** Applies a publication once, whatever is repeated. @returns whether it had been applied before */
  async publish(publication: Publication): Promise<{ readonly duplicate: boolean }> {
    const { publications, now } = this.#options
    const { publication_id: publicationId, tenant_id: tenantId } = publication
    const results = await this.#transaction(async (session) => {
      if (await publications.isApplied(publicationId)) return undefined
      await publications.insertPublication({ publicationId, tenantId, now: now() }, session)
      const fresh = await publications.insertDecisions(publication.decisions, session)
      await publications.addRollups(rollupChanges(publication, fresh), session)
      return await this.#upsertAll(tenantId, publication.mitigations, session)
    })
    for (const result of results ?? []) this.#options.events?.upsert(result)
    return { duplicate: results === undefined }
  }

  async #upsertAll(
    tenantId: string,
    upserts: readonly MitigationUpsert[],
    session: ClientSession,
  ): Promise<readonly UpsertResult[]> {
    const { mitigations, now } = this.#options
    if (upserts.length === 0) return []
    let sequence = await mitigations.takeSequences(tenantId, upserts.length, session)
    const policyIds = [...new Set(upserts.map((upsert) => upsert.policy_id))]
    const endings = await mitigations.endings(tenantId, policyIds, session)
    const results: UpsertResult[] = []
    for (const upsert of upserts) {
      const ended = upsert.revision < (endings.get(upsert.policy_id) ?? 0)
      const context = { tenantId, sequence, now: now(), session }
      results.push(ended ? 'ended' : await mitigations.upsert(upsert, context))
      sequence += 1
    }
    return results
  }

  /** Ends every active mitigation of these policies; what follows from an older policy set is refused from now on. */
  async end(request: EndRequest): Promise<{ readonly ended: number }> {
    const { mitigations, now } = this.#options
    const { tenant_id: tenantId, revision, policy_ids: policyIds } = request
    if (policyIds.length === 0) return { ended: 0 }
    await this.#transaction(async (session) => {
      await mitigations.takeSequences(tenantId, 1, session)
      for (const policyId of policyIds) await mitigations.setEnding(tenantId, { policyId, revision }, session)
    })
    for (let ended = 0; ; ) {
      const chunk = await this.#transaction(async (session) => {
        const at = now()
        const live = await mitigations.liveOf(tenantId, { policyIds, now: at, limit: END_CHUNK }, session)
        await this.#endRows(live, { at }, session)
        return live.length
      })
      ended += chunk
      if (chunk < END_CHUNK) return { ended }
    }
  }

  /** Ends one active mitigation by hand; the entity's matches before `not_before` are forgotten. */
  async release(request: ReleaseRequest): Promise<{ readonly released: boolean }> {
    const { mitigations, now } = this.#options
    return await this.#transaction(async (session) => {
      const at = now()
      const { tenant_id: tenantId, active_mitigation_id: id, not_before: notBefore } = request
      const live = await mitigations.findLive(tenantId, id, { now: at, session })
      if (live === undefined) return { released: false }
      await this.#endRows([live], { at, notBefore }, session)
      return { released: true }
    })
  }

  async #endRows(
    rows: readonly MitigationDocument[],
    end: { readonly at: number; readonly notBefore?: number },
    session: ClientSession,
  ): Promise<void> {
    const first = rows[0]
    if (first === undefined) return
    let sequence = await this.#options.mitigations.takeSequences(first.tenant_id, rows.length, session)
    const forgotten = end.notBefore === undefined ? {} : { not_before: end.notBefore }
    for (const row of rows) {
      await this.#options.mitigations.replace({ ...row, ...forgotten, ended_at: end.at, sequence }, session)
      sequence += 1
    }
  }

  async #transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    const onRetry = () => this.#options.events?.conflict()
    return await withTransaction(this.#options.connection, work, { alsoRetry: isDuplicateKey, onRetry })
  }
}
