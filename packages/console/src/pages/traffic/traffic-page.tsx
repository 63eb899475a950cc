import { api, query } from '../../api/client.js'
import { usePages } from '../../api/pages.js'
import { spanOf } from '../../api/range.js'
import { useCollection } from '../../api/resources.js'
import type { EventPage } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { useRange } from '../../app/range.js'
import { LinkButton } from '../../design/button.js'
import { Card, PageLayout } from '../../design/card.js'
import { Empty } from '../../design/notice.js'
import { DataTable } from '../../design/table.js'
import { eventPath } from '../../parts/event-path.js'
import { LoadMore } from '../../parts/load-more.js'
import { RangePicker } from '../../parts/range-picker.js'
import { trafficColumns } from './traffic-columns.js'
import { TrafficFilters, useTrafficFilter } from './traffic-filters.js'
import './traffic.css'

const POLL_MS = 5000

/** Every request that was recorded, with what was decided for it. */
export function TrafficPage() {
  const { base, href } = useTenant()
  const [range] = useRange()
  const filter = useTrafficFilter()
  const policies = useCollection(base, 'policies').data
  const path = `${base}/events`
  const asked = Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, value || undefined]))
  const pages = usePages<EventPage>({
    key: `${path}${query({ range: range.value, ...asked })}`,
    load: (cursor, first) => {
      const span = first ? { from: first.from, to: first.to } : spanOf(range)
      return api.get(`${path}${query({ ...asked, ...span, cursor })}`)
    },
    pollMs: POLL_MS,
  })
  const { first, more } = pages
  const isFiltered = Object.values(filter).some((value) => value !== '')
  const rows = first.data && [...first.data.items, ...more.flatMap((page) => page.items)]
  return (
    <PageLayout
      title="Traffic"
      lead="Requests as the SDKs recorded them, newest first, with what was decided and why. Secrets are there only as a keyed hash."
      actions={<RangePicker />}
    >
      <Card>
        <TrafficFilters />
        <DataTable
          label="Requests"
          rows={{ ...first, data: rows }}
          columns={trafficColumns((id) => policies?.find((policy) => policy.policy_id === id)?.name ?? id)}
          rowKey={(event) => `${event.batch_id} ${event.event_id}`}
          rowHref={(event) => href(eventPath(event))}
          empty={<NoRequests isFiltered={isFiltered} goesOn={pages.hasMore} words={range.words} />}
        />
        <LoadMore pages={pages} label={isFiltered ? 'Look further back' : 'Show older requests'} />
      </Card>
    </PageLayout>
  )
}

interface NoRequestsProps {
  readonly isFiltered: boolean
  readonly goesOn: boolean
  readonly words: string
}

function NoRequests({ isFiltered, goesOn, words }: NoRequestsProps) {
  const { href } = useTenant()
  if (isFiltered && goesOn) {
    return <Empty title="None among the newest requests">Look further back, or change what you look for.</Empty>
  }
  if (isFiltered) {
    return (
      <Empty title="No request fits" action={<LinkButton href={href('traffic')}>Clear filters</LinkButton>}>
        Nothing in {words} is what you look for. Choose a longer time, or look for less.
      </Empty>
    )
  }
  return (
    <Empty
      title={`No requests in ${words}`}
      action={<LinkButton href={href('api-keys')}>Connect an application</LinkButton>}
    >
      Requests appear here as soon as an application sends them with an API key.
    </Empty>
  )
}
