import type { Query } from '../../api/query.js'
import type { PolicyResultList } from '../../api/types.js'
import { formatNumber, formatShare, plural } from '../../design/format.js'
import { totalsOf } from '../../parts/policy-figures.js'

interface TilesProps {
  readonly results: Query<PolicyResultList>
  readonly held: { readonly items: readonly unknown[]; readonly next_cursor: string | null } | undefined
  readonly words: string
}

function Tile({ label, value, note }: { label: string; value: number | undefined; note: string }) {
  return (
    <div class="card tile">
      <dt>{label}</dt>
      <dd>{value === undefined ? <span class="skeleton tile-skeleton" /> : formatNumber(value)}</dd>
      <dd class="tile-note">{note}</dd>
    </div>
  )
}

function heldNote(held: TilesProps['held']): string {
  if (held === undefined) return ' '
  const count = held.items.length
  return `${held.next_cursor === null ? plural(count, 'entity', 'entities') : `over ${formatNumber(count)} entities`} held now`
}

/** Four figures: requests, and what policies said of them. */
export function Tiles({ results, held, words }: TilesProps) {
  const totals = results.data && totalsOf(results.data.items)
  const events = results.data?.events ?? 0
  return (
    <dl class="tiles num">
      <Tile label="Requests" value={results.data?.events} note={`all sources, ${words}`} />
      <Tile
        label="Observed"
        value={totals?.observe}
        note={totals ? `${formatShare(totals.observe, events)} of requests` : ' '}
      />
      <Tile
        label="Challenged"
        value={totals?.challenge}
        note={totals ? `${formatNumber(totals.cleared)} let through after a proof` : ' '}
      />
      <Tile label="Blocked" value={totals?.block} note={heldNote(held)} />
    </dl>
  )
}
