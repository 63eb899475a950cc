import { api, getAll, query } from '../../api/client.js'
import { useQuery } from '../../api/query.js'
import { usePolicyResults, useSeries } from '../../api/results.js'
import type { SourceRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { useRange } from '../../app/range.js'
import { PageLayout } from '../../design/card.js'
import { plural } from '../../design/format.js'
import { DecisionsChart } from '../../parts/chart/decisions-chart.js'
import { RangePicker } from '../../parts/range-picker.js'
import { OverviewPolicies } from './overview-policies.js'
import { SetupCard } from './setup-card.js'
import { Tiles } from './tiles.js'
import { useSetup, useSetupOpen } from './use-setup.js'
import './overview.css'

const POLL_MS = 4000

function leadOf(sources: readonly SourceRecord[] | undefined, enforcing: number, words: string): string {
  if (sources === undefined) return 'What is happening right now.'
  const live = sources.filter((source) => source.instances > 0).length
  const traffic =
    live === 0 ? 'No application is sending traffic right now.' : `Traffic is arriving from ${plural(live, 'source')}.`
  if (enforcing === 0) return `${traffic} Nothing was enforced in ${words}.`
  return `${traffic} ${plural(enforcing, 'policy', 'policies')} enforced something in ${words}.`
}

/** The first page: what is left to set up, and what is happening. */
export function OverviewPage() {
  const { base, tenant } = useTenant()
  const [range] = useRange()
  const results = usePolicyResults(base, range, POLL_MS)
  const series = useSeries(base, range, { pollMs: POLL_MS })
  const sources = useQuery(`${base}/sources`, () => getAll<SourceRecord>(`${base}/sources`))
  const held = useQuery(
    `${base}/active-mitigations?count`,
    () =>
      api.get<{ items: readonly unknown[]; next_cursor: string | null }>(
        `${base}/active-mitigations${query({ limit: 100 })}`,
      ),
    { pollMs: POLL_MS },
  )
  const setup = useSetup(base)
  const enforcing = results.data?.items.filter((item) => item.enforced_count > 0).length ?? 0
  const setupOpen = useSetupOpen(tenant.tenant_id, setup.data)
  return (
    <PageLayout title="Overview" lead={leadOf(sources.data, enforcing, range.words)} actions={<RangePicker />}>
      <Tiles results={results} held={held.data} words={range.words} />
      <div class={setupOpen ? 'overview-grid' : 'stack'}>
        <DecisionsChart series={series} words={range.words} />
        {setupOpen && <SetupCard steps={setup.data?.steps} />}
      </div>
      <OverviewPolicies results={results} words={range.words} />
    </PageLayout>
  )
}
