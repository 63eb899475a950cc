import { useState } from 'preact/hooks'
import { api, type Page, query } from '../../api/client.js'
import { type Latest, useLatest } from '../../api/latest.js'
import { useQuery } from '../../api/query.js'
import type { DraftExplanationRecord, DraftMatches, EventRecord, ExplainDraftInput } from '../../api/types.js'
import { CompactSelect } from '../../design/controls.js'
import { formatExact, formatNumber, formatRelative, plural } from '../../design/format.js'
import { ErrorNotice, Skeleton } from '../../design/notice.js'
import { Pill } from '../../design/pill.js'
import { reasonText } from '../explanation/steps.js'
import { StepsList } from '../explanation/steps-list.js'
import { requestLine, senderOf } from '../request-line.js'
import './try-out.css'

const OFFERED_EVENTS = 20
const DEBOUNCE_MS = 350

interface TryOutProps {
  /** `/tenants/{tenant_id}` */
  readonly base: string
  readonly draft: ExplainDraftInput
  /** Whether the expression can be saved as it stands: what cannot is not tried. */
  readonly valid: boolean
}

/** What an expression would say to the tenant's own traffic: to one request clause by clause, and to the newest ones in number. */
export function TryOut({ base, draft, valid }: TryOutProps) {
  const list = `${base}/events${query({ limit: OFFERED_EVENTS })}`
  const events = useQuery(list, () => api.get<Page<EventRecord>>(list))
  const offered = events.data?.items ?? []
  const body = valid && offered.length > 0 ? JSON.stringify(draft) : undefined
  const matches = useLatest(
    body,
    (signal) => api.post<DraftMatches>(`${base}/events/match`, draft, signal),
    DEBOUNCE_MS,
  )
  const [chosen, setChosen] = useState<string>()
  const event = offered.find((one) => one.event_id === chosen) ?? firstMatching(offered, matches) ?? offered[0]
  const why = useWhy(base, event, { draft, body })
  return (
    <section class="try-out" aria-label="Try it on a request">
      {events.error && events.data === undefined ? (
        <ErrorNotice what="No requests to try it on could be loaded" error={events.error} onRetry={events.reload} />
      ) : events.data === undefined ? (
        <Skeleton lines={2} />
      ) : event === undefined ? (
        <NoTraffic />
      ) : (
        <>
          <MatchesLine matches={matches} waits={!valid} />
          <div class="try-out-choice">
            <CompactSelect
              label="Request to try it on"
              value={event.event_id}
              onValue={setChosen}
              options={offered.map((one) => ({ value: one.event_id, label: optionText(one) }))}
            />
          </div>
          <Answer why={why} waits={!valid} />
        </>
      )}
    </section>
  )
}

/** One that it matches shows more than one that it does not. */
function firstMatching(offered: readonly EventRecord[], { data }: Latest<DraftMatches>): EventRecord | undefined {
  const matching = new Set(data?.matching.map(({ event_id }) => event_id))
  return offered.find((one) => matching.has(one.event_id))
}

interface Tried {
  readonly draft: ExplainDraftInput
  readonly body: string | undefined
}

function useWhy(base: string, event: EventRecord | undefined, { draft, body }: Tried): Latest<DraftExplanationRecord> {
  const path =
    event && `${base}/events/${encodeURIComponent(event.event_id)}/explain${query({ observed_at: event.observed_at })}`
  return useLatest(
    path === undefined || body === undefined ? undefined : `${path} ${body}`,
    (signal) => api.post<DraftExplanationRecord>(path ?? '', draft, signal),
    DEBOUNCE_MS,
  )
}

function optionText(event: EventRecord): string {
  const { address } = senderOf(event)
  const when = formatRelative(Date.parse(event.observed_at), Date.now())
  return [requestLine(event), address, when].filter(Boolean).join(' · ')
}

function MatchesLine({ matches: { data, current, error }, waits }: { matches: Latest<DraftMatches>; waits: boolean }) {
  if (error) return <p class="try-out-line muted">It could not be tried: {error.message}</p>
  if (data === undefined)
    return <p class="try-out-line muted">{waits ? 'Waits for a valid expression.' : 'Trying it…'}</p>
  const { events, matched, not_captured: unknown, failed, since } = data
  const more = [
    unknown > 0 && `${formatNumber(unknown)} not captured with what it reads`,
    failed > 0 && `${formatNumber(failed)} give an error`,
  ].filter(Boolean)
  return (
    <p class={current ? 'try-out-line' : 'try-out-line try-out-old'} role="status">
      <strong>
        Would have matched {formatNumber(matched)} of the last {plural(events, 'request')}
      </strong>
      {more.length > 0 && `, ${more.join(', ')}`}
      {since !== null && (
        <span
          class="faint"
          title={formatExact(since)}
        >{` · since ${formatRelative(Date.parse(since), Date.now())}`}</span>
      )}
    </p>
  )
}

function Answer({ why: { data, current, error }, waits }: { why: Latest<DraftExplanationRecord>; waits: boolean }) {
  if (error) return <p class="muted">It could not be tried on this request: {error.message}</p>
  if (data === undefined) return waits ? null : <Skeleton lines={2} />
  return (
    <div class={current ? 'try-out-answer' : 'try-out-answer try-out-old'} aria-busy={!current}>
      <p class="cluster" role="status">
        {data.matched ? <Pill tone="good">Matches</Pill> : <Pill tone="neutral">Does not match</Pill>}
        <span class="muted">{draftReason(data)}</span>
      </p>
      <StepsList why={data} />
    </div>
  )
}

function draftReason({ reason }: DraftExplanationRecord): string {
  if (reason === 'holds') return ''
  return reason === 'count_unknown'
    ? 'Whether the threshold is reached depends on what came before.'
    : `${reasonText(reason)}.`
}

function NoTraffic() {
  return (
    <p class="muted">
      No requests of your own to try it on yet. Once an application sends traffic, it is tried here on each of them.
    </p>
  )
}
