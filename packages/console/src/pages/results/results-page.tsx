import { usePolicyResults, useSeries } from '../../api/results.js'
import { useTenant } from '../../app/place.js'
import { useRange } from '../../app/range.js'
import { LinkButton } from '../../design/button.js'
import { Card, PageLayout } from '../../design/card.js'
import { plural } from '../../design/format.js'
import { Empty } from '../../design/notice.js'
import { DataTable } from '../../design/table.js'
import { DecisionsChart } from '../../parts/chart/decisions-chart.js'
import { RangePicker } from '../../parts/range-picker.js'
import { RESULT_COLUMNS } from './result-columns.js'
import './results.css'

const POLL_MS = 5000

/** What every policy did in a span of time. */
export function ResultsPage() {
  const { base, href, canEdit } = useTenant()
  const [range] = useRange()
  const results = usePolicyResults(base, range, POLL_MS)
  const series = useSeries(base, range, { pollMs: POLL_MS })
  const events = results.data?.events
  return (
    <PageLayout
      title="Results"
      lead={
        events === undefined
          ? 'What each policy decided, and what it enforced.'
          : `What each policy decided on ${plural(events, 'request')} in ${range.words}.`
      }
      actions={<RangePicker />}
    >
      <DecisionsChart series={series} words={range.words} />
      <Card title="By policy">
        <DataTable
          label="Results by policy"
          dense
          rows={{ ...results, data: results.data?.items }}
          columns={RESULT_COLUMNS}
          rowKey={(row) => row.policy_id}
          rowHref={(row) => href(`results/${row.policy_id}?range=${range.value}`)}
          rowMuted={(row) => !row.enabled}
          empty={
            <Empty
              title="No policies yet"
              action={canEdit && <LinkButton href={href('policies/policies/new')}>Create policy</LinkButton>}
            >
              Results are kept by policy. Create one, send some traffic, and see here what it decided.
            </Empty>
          }
        />
      </Card>
    </PageLayout>
  )
}
