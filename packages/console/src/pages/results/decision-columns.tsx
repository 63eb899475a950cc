import type { DecisionItem } from '../../api/types.js'
import { formatNumber } from '../../design/format.js'
import { OutcomePill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import type { Column } from '../../design/table.js'
import { EntityValues } from '../../parts/entity-values.js'

const ORIGINS: Readonly<Record<DecisionItem['origin'], string>> = {
  policy: 'Policy',
  active_mitigation: 'Active mitigation',
  failure: 'Failure',
}

/** Whether the request met it, in words. */
export function enforcedText(
  decision: Pick<DecisionItem, 'enforced' | 'cleared' | 'shadowed' | 'exemption_id'>,
): string {
  if (decision.exemption_id !== null) return 'Exempt'
  if (decision.cleared) return 'Cleared by a proof'
  if (decision.shadowed) return 'Shadowed'
  return decision.enforced ? 'Enforced' : 'Not enforced'
}

export function decisionColumns(threshold: number | null): readonly Column<DecisionItem>[] {
  return [
    { id: 'event', header: 'Event', cell: (row) => <code class="event-id">{row.event_id}</code> },
    { id: 'entity', header: 'Entity', cell: (row) => <EntityValues entity={row.entity} /> },
    { id: 'outcome', header: 'Outcome', cell: (row) => <OutcomePill outcome={row.outcome} /> },
    { id: 'enforced', header: 'Enforced', cell: enforcedText },
    {
      id: 'n',
      header: 'Count',
      meaning: 'Of the window at that moment, beside its threshold',
      align: 'end',
      cell: (row) => (row.n === null ? <span class="faint">–</span> : countText(row.n, threshold)),
    },
    { id: 'origin', header: 'Origin', wideOnly: true, cell: (row) => ORIGINS[row.origin] },
    { id: 'source', header: 'Source', wideOnly: true, cell: (row) => <code>{row.source_id}</code> },
    {
      id: 'revision',
      header: 'Revision',
      meaning: 'Of the policy, and of the set it was decided with',
      align: 'end',
      wideOnly: true,
      cell: (row) => `${row.policy_revision} / ${row.revision}`,
    },
    { id: 'at', header: 'Observed', align: 'end', cell: (row) => <RelativeTime at={row.observed_at} /> },
  ]
}

function countText(n: number, threshold: number | null): string {
  return threshold === null ? formatNumber(n) : `${formatNumber(n)} of ${formatNumber(threshold)}`
}
