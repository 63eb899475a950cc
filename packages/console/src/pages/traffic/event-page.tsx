import { useEffect, useState } from 'preact/hooks'
import { useRoute } from 'preact-iso'
import { api, query } from '../../api/client.js'
import { useQuery } from '../../api/query.js'
import { useCollection } from '../../api/resources.js'
import type { EventRecord } from '../../api/types.js'
import { NotFound } from '../../app/not-found.js'
import { useQueryParameter, useTenant } from '../../app/place.js'
import { Card, PageLayout } from '../../design/card.js'
import { CopyId } from '../../design/copy.js'
import { formatExact } from '../../design/format.js'
import { Empty, ErrorNotice, Skeleton } from '../../design/notice.js'
import { Pill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import { type Column, DataTable } from '../../design/table.js'
import { requestLine } from '../../parts/request-line.js'
import '../results/results.css'
import { outcomeOf } from './event-outcome.js'
import { type FieldRow, flatten } from './flatten.js'
import './traffic.css'
import { WhyCard } from './why-card.js'

const COLUMNS: readonly Column<FieldRow>[] = [
  { id: 'path', header: 'Field', cell: (row) => <code>{row.path}</code> },
  { id: 'value', header: 'Value', cell: (row) => <code class="field-value">{row.value}</code> },
]

const POLL_WAITING_MS = 2000

/** One request as it was recorded, what was decided for it, and why. */
export function EventPage() {
  const { params } = useRoute()
  const { base } = useTenant()
  const eventId = params.id ?? ''
  const [observedAt] = useQueryParameter('observed_at', '')
  const path = `${base}/events/${encodeURIComponent(eventId)}${query({ observed_at: observedAt || undefined })}`
  const [waits, setWaits] = useState(true)
  const event = useQuery(path, () => api.get<EventRecord>(path), { pollMs: waits ? POLL_WAITING_MS : undefined })
  useEffect(() => setWaits(event.data?.state === 'waiting'), [event.data?.state])
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
      title={requestLine(event)}
      lead={
        <>
          <CopyId id={event.event_id} what="event ID" whole /> · source <code>{event.source_id}</code> · observed{' '}
          <RelativeTime at={event.observed_at} />
        </>
      }
    >
      <Happened event={event} />
      <WhyCard event={event} />
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

function Happened({ event }: { event: EventRecord }) {
  const { base, href } = useTenant()
  const policies = useCollection(base, 'policies')
  const exemptions = useCollection(base, 'exemptions')
  const { decision } = event
  const outcome = outcomeOf(event)
  const policyId = outcome.decision?.policy_id ?? decision?.policy_id
  const policy = policies.data?.find((one) => one.policy_id === policyId)
  const exemption = exemptions.data?.find((one) => one.exemption_id === decision?.exemption_id)
  return (
    <Card title="What happened">
      <dl class="facts">
        <div>
          <dt>Outcome</dt>
          <dd>
            <Pill tone={outcome.tone}>{outcome.word}</Pill>
          </dd>
        </div>
        {outcome.note !== undefined && (
          <div>
            <dt>Enforced</dt>
            <dd>{outcome.note}</dd>
          </div>
        )}
        {policyId !== undefined && (
          <div>
            <dt>Policy</dt>
            <dd>
              <a href={href(`results/${policyId}`)}>{policy?.name ?? policyId}</a>
            </dd>
          </div>
        )}
        {decision?.exemption_id !== undefined && (
          <div>
            <dt>Exempt by</dt>
            <dd>
              <a href={href(`exemptions/${decision.exemption_id}`)}>{exemption?.name ?? decision.exemption_id}</a>
            </dd>
          </div>
        )}
        <div>
          <dt>The SDK said</dt>
          <dd>{sdkText(event)}</dd>
        </div>
        {decision?.n !== undefined && (
          <div>
            <dt>Count the SDK knew</dt>
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

/** What the SDK reported, whatever the engine made of it. */
function sdkText({ decision }: EventRecord): string {
  if (decision === null) return 'nothing: no policy held for it'
  const { outcome, enforced, revision } = decision
  const what = outcome === undefined ? 'passed' : `${outcome}, ${enforced ? 'enforced' : 'not enforced'}`
  return `${what}, by revision ${revision}`
}
