import { randomBytes } from 'node:crypto'
import type { DecisionRecord, Publication, StoredMitigation } from '../contract/mitigation.js'
import type { CounterHit } from './claim-events.js'
import { decideEvent } from './decide.js'
import { MitigationView } from './mitigation-view.js'
import type { LoadedPolicySet } from './policy-source.js'
import type { PreparedEvent } from './prepare-events.js'
import { Tally } from './tally.js'
import { type PageChange, type PageCounts, WindowLedger } from './window-ledger.js'

export interface DecideClaimInput {
  readonly tenantId: string
  readonly latest: LoadedPolicySet
  readonly events: readonly PreparedEvent[]
  readonly counters: readonly CounterHit[]
  readonly mitigations: readonly StoredMitigation[]
  readonly pages: ReadonlyMap<string, PageCounts>
  readonly now: number
}

export interface DecidedClaim {
  readonly publications: readonly Publication[]
  readonly changes: readonly PageChange[]
}

/** Most decisions in one publication: a document, a request and a transaction of bearable size. */
const DECISIONS_A_PUBLICATION = 2_000

/** Decides the events of a claim one after another over the stored counts. Depends on its input alone, save for the ids it gives. */
export function decideClaim(input: DecideClaimInput): DecidedClaim {
  const { latest, now } = input
  const ledger = new WindowLedger(input.pages)
  const view = new MitigationView(input.mitigations)
  const tally = new Tally()
  for (const hit of input.counters) tally.count(hit)
  const decisions = input.events.flatMap((event) => decideEvent(event, { latest, ledger, view, tally, now }))
  return { publications: toPublications(input.tenantId, { decisions, tally, view }), changes: ledger.changes() }
}

interface ClaimOutcome {
  readonly decisions: readonly DecisionRecord[]
  readonly tally: Tally
  readonly view: MitigationView
}

/** Mitigations come first: somebody waits for them. Counts come last: an event that is counted has its decisions already. */
function toPublications(tenantId: string, { decisions, tally, view }: ClaimOutcome): readonly Publication[] {
  const name = `pub_${randomBytes(15).toString('base64url')}`
  const count = Math.max(1, Math.ceil(decisions.length / DECISIONS_A_PUBLICATION))
  return Array.from({ length: count }, (_, index) => {
    const isLast = index === count - 1
    const start = index * DECISIONS_A_PUBLICATION
    return {
      publication_id: `${name}.${index}`,
      tenant_id: tenantId,
      decisions: decisions.slice(start, start + DECISIONS_A_PUBLICATION),
      matched: isLast ? tally.matches() : [],
      mitigations: index === 0 ? view.upserts : [],
      counters: isLast ? tally.counters() : [],
    }
  })
}
