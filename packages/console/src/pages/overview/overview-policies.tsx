import type { Query } from '../../api/query.js'
import { useCollection } from '../../api/resources.js'
import type { PolicyResult, PolicyResultList } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { Card } from '../../design/card.js'
import { formatNumber } from '../../design/format.js'
import { Empty } from '../../design/notice.js'
import { ModePill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import { type Column, DataTable } from '../../design/table.js'
import { usePolicyNames } from '../policies/policy-names.js'
import { ShareBar } from './share-bar.js'

/** Every policy with what it decided, busiest first. */
export function OverviewPolicies({ results, words }: { results: Query<PolicyResultList>; words: string }) {
  const { base, href, canEdit } = useTenant()
  const policies = useCollection(base, 'policies')
  const noteOf = usePolicyNames(base)
  const rows = results.data && [...results.data.items].sort((a, b) => b.total - a.total)
  const most = Math.max(1, ...(rows ?? []).map((row) => row.total))
  const note = (result: PolicyResult) => {
    const policy = policies.data?.find((one) => one.policy_id === result.policy_id)
    return policy && noteOf(policy)
  }
  const columns: readonly Column<PolicyResult>[] = [
    {
      id: 'name',
      header: 'Policy',
      cell: (row) => row.name,
      note: (row) => note(row),
      sortBy: (row) => row.name,
    },
    { id: 'mode', header: 'Mode', cell: (row) => <ModePill mode={row.mode} /> },
    {
      id: 'observe',
      header: 'Observe',
      align: 'end',
      cell: (row) => formatNumber(row.observe_count),
      sortBy: (row) => row.observe_count,
    },
    {
      id: 'challenge',
      header: 'Challenge',
      align: 'end',
      cell: (row) => formatNumber(row.challenge_count),
      sortBy: (row) => row.challenge_count,
    },
    {
      id: 'block',
      header: 'Block',
      align: 'end',
      cell: (row) => formatNumber(row.block_count),
      sortBy: (row) => row.block_count,
    },
    { id: 'share', header: 'Share', wideOnly: true, cell: (row) => <ShareBar result={row} most={most} /> },
    {
      id: 'last',
      header: 'Last match',
      align: 'end',
      cell: (row) => (row.last_matched_at ? <RelativeTime at={row.last_matched_at} /> : <span class="muted">–</span>),
      sortBy: (row) => (row.last_matched_at ? Date.parse(row.last_matched_at) : 0),
    },
  ]
  return (
    <Card title="Policies" aside={<small>by decisions, {words}</small>}>
      <DataTable
        label="Policies by decisions"
        rows={{ ...results, data: rows }}
        columns={columns}
        rowKey={(row) => row.policy_id}
        rowHref={(row) => href(`results/${row.policy_id}`)}
        rowMuted={(row) => !row.enabled}
        empty={
          <Empty
            title="No policies yet"
            action={canEdit && <LinkButton href={href('policies/policies/new')}>Create policy</LinkButton>}
          >
            As soon as there is a policy and traffic, what it decides shows up here.
          </Empty>
        }
      />
    </Card>
  )
}
