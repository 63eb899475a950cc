import { useRoute } from 'preact-iso'
import { api, query } from '../../api/client.js'
import { type Pages, usePages } from '../../api/pages.js'
import { spanOf } from '../../api/range.js'
import { useSeries } from '../../api/results.js'
import type { PolicyResultDetail } from '../../api/types.js'
import { NotFound } from '../../app/not-found.js'
import { useTenant } from '../../app/place.js'
import { useRange } from '../../app/range.js'
import { LinkButton } from '../../design/button.js'
import { Card, PageLayout } from '../../design/card.js'
import { CopyId } from '../../design/copy.js'
import { formatNumber } from '../../design/format.js'
import { Empty } from '../../design/notice.js'
import { ModePill } from '../../design/pill.js'
import { DataTable } from '../../design/table.js'
import { DecisionsChart } from '../../parts/chart/decisions-chart.js'
import { eventPath } from '../../parts/event-path.js'
import { LoadMore } from '../../parts/load-more.js'
import { closest } from '../../parts/policy-figures.js'
import { RangePicker } from '../../parts/range-picker.js'
import { decisionColumns } from './decision-columns.js'
import { FIGURES } from './result-columns.js'
import './results.css'

const POLL_MS = 5000

function useDetail(policyId: string): Pages<PolicyResultDetail> {
  const { base } = useTenant()
  const [range] = useRange()
  const path = `${base}/results/policies/${encodeURIComponent(policyId)}`
  return usePages<PolicyResultDetail>({
    key: `${path}?${range.value}`,
    load: (cursor, first) => {
      const span = first ? { from: first.from, to: first.to } : spanOf(range)
      return api.get(`${path}${query({ ...span, cursor })}`)
    },
    pollMs: POLL_MS,
  })
}

/** What one policy did: its figures, its time line and its latest decisions. */
export function PolicyResultPage() {
  const { params } = useRoute()
  const policyId = params.id ?? ''
  const { base, href } = useTenant()
  const [range] = useRange()
  const pages = useDetail(policyId)
  const series = useSeries(base, range, { policyId, pollMs: POLL_MS })
  const detail = pages.first.data
  if (!detail && pages.first.error?.status === 404) return <NotFound />
  return (
    <PageLayout
      title={detail?.name ?? 'Results'}
      lead={<Lead detail={detail} policyId={policyId} />}
      actions={
        <>
          <LinkButton href={href(`policies/policies/${policyId}`)}>Edit policy</LinkButton>
          <RangePicker />
        </>
      }
    >
      <Figures detail={detail} />
      <DecisionsChart series={series} words={range.words} />
      <Decisions pages={pages} />
    </PageLayout>
  )
}

function Lead({ detail, policyId }: { detail: PolicyResultDetail | undefined; policyId: string }) {
  return (
    <>
      <CopyId id={policyId} what="policy ID" whole /> {detail && <ModePill mode={detail.mode} />}
    </>
  )
}

function Figures({ detail }: { detail: PolicyResultDetail | undefined }) {
  const near = detail && closest(detail)
  return (
    <dl class="card figures num">
      {FIGURES.map((figure) => (
        <div key={figure.id} title={figure.meaning}>
          <dt>{figure.header}</dt>
          <dd>{detail ? formatNumber(figure.of(detail)) : <span class="skeleton" />}</dd>
        </div>
      ))}
      {near !== undefined && (
        <div title="How near the nearest entity came to the threshold">
          <dt>Closest</dt>
          <dd>{near}</dd>
        </div>
      )}
    </dl>
  )
}

function Decisions({ pages }: { pages: Pages<PolicyResultDetail> }) {
  const { href } = useTenant()
  const { first, more } = pages
  const rows = first.data && [...first.data.decisions, ...more.flatMap((page) => page.decisions)]
  return (
    <Card title="Recent decisions" aside={<small>newest first</small>}>
      <DataTable
        label="Recent decisions"
        rows={{ ...first, data: rows }}
        columns={decisionColumns(first.data?.threshold ?? null)}
        rowKey={(row) => row.decision_id}
        rowHref={(row) => href(eventPath(row))}
        empty={
          <Empty title="No decisions in this time">
            {first.data && first.data.matched_count > 0
              ? `It matched ${formatNumber(first.data.matched_count)} requests, and none reached the threshold. Closest entity: ${closest(first.data) ?? 'unknown'}.`
              : 'No request matched. Choose a longer time, or check the expression and its actions.'}
          </Empty>
        }
      />
      <LoadMore pages={pages} label="Show older decisions" />
    </Card>
  )
}
