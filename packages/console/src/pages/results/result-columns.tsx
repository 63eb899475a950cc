import type { PolicyResult } from '../../api/types.js'
import { formatNumber } from '../../design/format.js'
import { ModePill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import type { Column } from '../../design/table.js'
import { closest } from '../../parts/policy-figures.js'

interface Figure {
  readonly id: string
  readonly header: string
  readonly meaning: string
  readonly of: (result: PolicyResult) => number
}

/** Every figure of a policy with what it means: the table's columns and the detail's list. */
export const FIGURES: readonly Figure[] = [
  { id: 'observe', header: 'Observe', meaning: 'Decisions that only observe', of: (row) => row.observe_count },
  { id: 'challenge', header: 'Challenge', meaning: 'Decisions to challenge', of: (row) => row.challenge_count },
  { id: 'block', header: 'Block', meaning: 'Decisions to block', of: (row) => row.block_count },
  {
    id: 'enforced',
    header: 'Enforced',
    meaning: 'Decisions that a request really met',
    of: (row) => row.enforced_count,
  },
  { id: 'cleared', header: 'Cleared', meaning: 'Challenges answered by a valid proof', of: (row) => row.cleared_count },
  {
    id: 'shadowed',
    header: 'Shadowed',
    meaning: 'Decisions where a policy of lower priority number acted first',
    of: (row) => row.shadowed_count,
  },
  {
    id: 'exempt',
    header: 'Exempt',
    meaning: 'Decisions on exempt requests: what would have happened, and did not',
    of: (row) => row.exempt_count,
  },
  {
    id: 'matched',
    header: 'Matched',
    meaning: 'Requests that matched, whether or not the threshold was reached',
    of: (row) => row.matched_count,
  },
  {
    id: 'not_captured',
    header: 'Not captured',
    meaning: 'Requests it could not be decided for, because what it reads was not captured then',
    of: (row) => row.not_captured_count,
  },
]

const FIGURE_COLUMNS: readonly Column<PolicyResult>[] = FIGURES.map((figure) => ({
  id: figure.id,
  header: figure.header,
  meaning: figure.meaning,
  align: 'end',
  cell: (row) => <Count value={figure.of(row)} />,
  sortBy: figure.of,
}))

/** Zeros step back, so that what happened stands out. */
function Count({ value }: { value: number }) {
  return <span class={value === 0 ? 'faint' : undefined}>{formatNumber(value)}</span>
}

export const RESULT_COLUMNS: readonly Column<PolicyResult>[] = [
  { id: 'name', header: 'Policy', cell: (row) => row.name, sortBy: (row) => row.name },
  { id: 'mode', header: 'Mode', cell: (row) => <ModePill mode={row.mode} />, sortBy: (row) => row.mode },
  ...FIGURE_COLUMNS,
  {
    id: 'closest',
    header: 'Closest',
    meaning: 'How near the nearest entity came to the threshold',
    align: 'end',
    cell: (row) => closest(row) ?? <span class="faint">–</span>,
    sortBy: (row) => (row.closest_n ?? 0) / (row.threshold ?? 1),
  },
  {
    id: 'last',
    header: 'Last match',
    align: 'end',
    cell: (row) => (row.last_matched_at ? <RelativeTime at={row.last_matched_at} /> : <span class="faint">–</span>),
    sortBy: (row) => (row.last_matched_at ? Date.parse(row.last_matched_at) : 0),
  },
]
