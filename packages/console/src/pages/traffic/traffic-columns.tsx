import type { EventRecord } from '../../api/types.js'
import { Pill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import type { Column } from '../../design/table.js'
import { requestLine, senderOf } from '../../parts/request-line.js'
import { outcomeOf, policiesOf } from './event-outcome.js'

const SHOWN_POLICIES = 2

export function trafficColumns(policyName: (policyId: string) => string): readonly Column<EventRecord>[] {
  return [
    {
      id: 'request',
      header: 'Request',
      cell: (event) => <code class="request-line">{requestLine(event)}</code>,
      note: (event) => <span class="request-agent">{agentOf(event)}</span>,
    },
    {
      id: 'from',
      header: 'From',
      cell: (event) => {
        const { address } = senderOf(event)
        return address === undefined ? <span class="faint">–</span> : <code>{address}</code>
      },
      note: (event) => senderOf(event).user,
    },
    {
      id: 'outcome',
      header: 'Outcome',
      cell: (event) => {
        const { tone, word } = outcomeOf(event)
        return <Pill tone={tone}>{word}</Pill>
      },
      note: (event) => outcomeOf(event).note,
    },
    {
      id: 'policies',
      header: 'Policies',
      wideOnly: true,
      cell: (event) => <Policies event={event} name={policyName} />,
    },
    { id: 'source', header: 'Source', wideOnly: true, cell: (event) => <code>{event.source_id}</code> },
    { id: 'at', header: 'Observed', align: 'end', cell: (event) => <RelativeTime at={event.observed_at} /> },
  ]
}

function agentOf({ fields: { user_agent: agent } }: EventRecord): string {
  return typeof agent === 'string' ? agent : ''
}

function Policies({ event, name }: { event: EventRecord; name: (policyId: string) => string }) {
  const ids = policiesOf(event)
  if (ids.length === 0) return <span class="faint">–</span>
  const more = ids.length - SHOWN_POLICIES
  return (
    <>
      {ids.slice(0, SHOWN_POLICIES).map(name).join(', ')}
      {more > 0 && <span class="muted"> and {more} more</span>}
    </>
  )
}
