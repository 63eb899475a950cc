import { useRoute } from 'preact-iso'
import { api } from '../../api/client.js'
import { useQuery } from '../../api/query.js'
import { useCollection } from '../../api/resources.js'
import type { EventRecord } from '../../api/types.js'
import { NotFound } from '../../app/not-found.js'
import { useTenant } from '../../app/place.js'
import { Card, PageLayout } from '../../design/card.js'
import { CopyId } from '../../design/copy.js'
import { formatExact } from '../../design/format.js'
import { Empty, ErrorNotice, Skeleton } from '../../design/notice.js'
import { OutcomePill, Pill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import { type Column, DataTable } from '../../design/table.js'
import { type FieldRow, flatten } from './flatten.js'
import './results.css'

const COLUMNS: readonly Column<FieldRow>[] = [
  { id: 'path', header: 'Field', cell: (row) => <code>{row.path}</code> },
  { id: 'value', header: 'Value', cell: (row) => <code class="field-value">{row.value}</code> },
]

/** One request as it was recorded, and what the SDK decided for it. */
export function EventPage() {
  const { params } = useRoute()
  const { base } = useTenant()
  const eventId = params.id ?? ''
  const path = `${base}/events/${encodeURIComponent(eventId)}`
  const event = useQuery(path, () => api.get<EventRecord>(path))
  if (event.data) return <Loaded event={event.data} />
  if (event.error?.status === 404) return <NotFound />
  return (
    <PageLayout title="Event">
      {event.error ? (
        <ErrorNotice what="The event could not be loaded" error={event.error} onRetry={event.reload} />
      ) : (
        <Card>
          <Skeleton lines={8} />
        </Card>
      )}
    </PageLayout>
  )
}

function Loaded({ event }: { event: EventRecord }) {
  const rows = flatten(event.fields)
  return (
    <PageLayout
      title={`Event ${event.event_id}`}
      lead={
        <>
          <CopyId id={event.event_id} what="event ID" whole /> · source <code>{event.source_id}</code> · observed{' '}
          <RelativeTime at={event.observed_at} />
        </>
      }
    >
      <ReportedDecision event={event} />
      <Card title="Recorded fields" aside={<small>secrets only as a keyed hash</small>}>
        <DataTable
          label="Recorded fields"
          rows={{ data: rows, error: undefined, reload: () => undefined }}
          columns={COLUMNS}
          rowKey={(row) => row.path}
          empty={<Empty title="No fields">Nothing was captured for this event.</Empty>}
        />
      </Card>
    </PageLayout>
  )
}

function ReportedDecision({ event }: { event: EventRecord }) {
  const { base, href } = useTenant()
  const policies = useCollection(base, 'policies')
  const { decision } = event
  const policy = policies.data?.find((one) => one.policy_id === decision?.policy_id)
  return (
    <Card title="What the SDK did">
      <dl class="facts">
        <div>
          <dt>Outcome</dt>
          <dd>{decision?.outcome ? <OutcomePill outcome={decision.outcome} /> : <Pill tone="neutral">Passed</Pill>}</dd>
        </div>
        <div>
          <dt>Enforced</dt>
          <dd>{decision?.enforced ? 'Yes' : 'No'}</dd>
        </div>
        {decision?.policy_id !== undefined && (
          <div>
            <dt>Policy</dt>
            <dd>
              <a href={href(`results/${decision.policy_id}`)}>{policy?.name ?? decision.policy_id}</a>
            </dd>
          </div>
        )}
        <div>
          <dt>Bundle revision</dt>
          <dd>{decision?.revision ?? 'none'}</dd>
        </div>
        {decision?.n !== undefined && (
          <div>
            <dt>Count it knew</dt>
            <dd>{decision.n}</dd>
          </div>
        )}
        {decision?.failed_open && (
          <div>
            <dt>Failed open</dt>
            <dd>Yes: it had no policies it could enforce</dd>
          </div>
        )}
        <div>
          <dt>Observed</dt>
          <dd>{formatExact(event.observed_at)}</dd>
        </div>
        <div>
          <dt>Received</dt>
          <dd>{formatExact(event.received_at)}</dd>
        </div>
      </dl>
    </Card>
  )
}
