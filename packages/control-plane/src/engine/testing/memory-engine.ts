import type { DecisionRecord, MitigationUpsert, Publication, StoredMitigation } from '../../contract/mitigation.js'
import type { ClaimEvent } from '../claim-events.js'
import { decideClaim } from '../decide-claim.js'
import { mitigationKey } from '../mitigation-view.js'
import type { LoadedPolicySet } from '../policy-source.js'
import { prepareEvents, type SetsByRevision } from '../prepare-events.js'
import type { PageChange, PageCounts } from '../window-ledger.js'

/** What a database would hold after these changes. */
export function withChanges(
  pages: ReadonlyMap<string, PageCounts>,
  changes: readonly PageChange[],
): ReadonlyMap<string, PageCounts> {
  const next = new Map(pages)
  for (const { id, counts, values } of changes) {
    const sums = new Map(next.get(id)?.counts)
    for (const [index, count] of counts) sums.set(index, (sums.get(index) ?? 0) + count)
    const seen = new Map(next.get(id)?.values)
    for (const [index, some] of values) seen.set(index, [...new Set([...(seen.get(index) ?? []), ...some])])
    next.set(id, { counts: sums, values: seen })
  }
  return next
}

export interface DecidedEvents {
  readonly decisions: readonly DecisionRecord[]
  readonly counters: Publication['counters']
  readonly matched: Publication['matched']
}

/** Decides claims as a worker does; what would be in the databases is in memory. */
export class MemoryEngine {
  readonly #tenantId: string
  readonly #sets: { readonly latest: LoadedPolicySet; readonly byRevision: SetsByRevision }
  #pages: ReadonlyMap<string, PageCounts> = new Map()
  #mitigations: readonly StoredMitigation[] = []
  #sequence = 1_000

  constructor(tenantId: string, sets: { readonly latest: LoadedPolicySet; readonly byRevision: SetsByRevision }) {
    this.#tenantId = tenantId
    this.#sets = sets
  }

  /** Puts rows in the place of what it has of the same policies and entities. */
  learn(rows: readonly StoredMitigation[]): void {
    const keys = new Set(rows.map(keyOf))
    this.#mitigations = [...rows, ...this.#mitigations.filter((row) => !keys.has(keyOf(row)))]
  }

  get mitigations(): readonly StoredMitigation[] {
    return this.#mitigations
  }

  /** Decides the events of one claim, in their order. */
  claim(events: readonly ClaimEvent[], now: number): DecidedEvents {
    const prepared = prepareEvents(events, this.#sets)
    const { publications, changes } = decideClaim({
      ...{ tenantId: this.#tenantId, latest: this.#sets.latest, events: prepared.events, counters: [] },
      ...{ mitigations: this.#mitigations, pages: this.#pages, now },
    })
    this.#pages = withChanges(this.#pages, changes)
    for (const { mitigations } of publications) for (const upsert of mitigations) this.#store(upsert)
    return {
      decisions: publications.flatMap((publication) => publication.decisions),
      counters: publications.flatMap((publication) => publication.counters),
      matched: publications.flatMap((publication) => publication.matched),
    }
  }

  #store(upsert: MitigationUpsert): void {
    this.#sequence += 1
    const key = keyOf(upsert)
    const live = this.#mitigations.find((row) => keyOf(row) === key && isLive(row, upsert.since))
    const fresh = { ...upsert, active_mitigation_id: `am_${this.#sequence}`, since: upsert.since }
    const row = { ...fresh, ...live, tenant_id: this.#tenantId, sequence: this.#sequence }
    const extended = { ...row, expires_at: Math.max(row.expires_at, upsert.expires_at) }
    this.#mitigations = [...this.#mitigations.filter((each) => each !== live), extended]
  }
}

function keyOf(row: Pick<StoredMitigation, 'counting_scope' | 'policy_id' | 'entity_key'>): string {
  return mitigationKey(row.counting_scope, row.policy_id, row.entity_key)
}

function isLive({ since, expires_at, ended_at = Infinity }: StoredMitigation, at: number): boolean {
  return since <= at && at < Math.min(expires_at, ended_at)
}
