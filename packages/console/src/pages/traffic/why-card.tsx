import { api, query } from '../../api/client.js'
import { usePages } from '../../api/pages.js'
import type { EventExplanationRecord, EventRecord, PolicyExplanationRecord } from '../../api/types.js'
import { useQueryParameter, useTenant } from '../../app/place.js'
import { Card } from '../../design/card.js'
import { Empty, ErrorNotice, Notice, Skeleton } from '../../design/notice.js'
import { OutcomePill, Pill } from '../../design/pill.js'
import { ClauseTree } from '../../parts/explanation/clause-tree.js'
import { reasonText } from '../../parts/explanation/steps.js'
import { StepsList } from '../../parts/explanation/steps-list.js'
import { LoadMore } from '../../parts/load-more.js'
import { enforcedText } from '../results/decision-columns.js'

const POLL_WAITING_MS = 2000

/** For every policy whether it held for the event, and why or why not. */
export function WhyCard({ event }: { event: EventRecord }) {
  const { base } = useTenant()
  const path = `${base}/events/${encodeURIComponent(event.event_id)}/explain`
  const pages = usePages<EventExplanationRecord>({
    key: `${path} ${event.observed_at} ${event.state}`,
    load: (cursor) => api.get(`${path}${query({ observed_at: event.observed_at, cursor })}`),
    pollMs: event.state === 'waiting' ? POLL_WAITING_MS : undefined,
  })
  const { data, error, reload } = pages.first
  return (
    <Card title="Why" aside={data && <small>{revisionText(data)}</small>}>
      {data ? (
        <>
          <Exemptions explanation={data} />
          <PolicyList policies={[...data.policies, ...pages.more.flatMap((page) => page.policies)]} />
          <LoadMore pages={pages} label="Show more policies" />
        </>
      ) : error ? (
        <ErrorNotice what="The event could not be explained" error={error} onRetry={reload} />
      ) : (
        <Skeleton lines={5} />
      )}
    </Card>
  )
}

function revisionText({ decided, revision }: EventExplanationRecord): string {
  return decided ? `decided with revision ${revision}` : `not decided yet; explained with revision ${revision}`
}

function Exemptions({ explanation: { exemptions } }: { explanation: EventExplanationRecord }) {
  if (exemptions.length === 0) return null
  return (
    <ul class="why-exemptions">
      {exemptions.map((exemption) => (
        <li key={exemption.exemption_id}>
          <Notice tone="info">
            {exemption.applied ? (
              <>
                Exempt by <strong>{exemption.name}</strong>: nothing is enforced or counted. What stands below would
                have happened without it.
              </>
            ) : (
              <>
                <strong>{exemption.name}</strong>{' '}
                {exemption.expired
                  ? 'would exempt it, but had expired.'
                  : 'reads what the request was not captured with.'}
              </>
            )}
            {exemption.clause && <ClauseTree clause={exemption.clause} />}
          </Notice>
        </li>
      ))}
    </ul>
  )
}

function PolicyList({ policies }: { policies: readonly PolicyExplanationRecord[] }) {
  if (policies.length === 0) return <Empty title="No policies">There was no policy in force for this request.</Empty>
  return (
    <ul class="why-list">
      {policies.map((policy) => (
        <PolicyItem key={policy.policy_id} policy={policy} />
      ))}
    </ul>
  )
}

function PolicyItem({ policy }: { policy: PolicyExplanationRecord }) {
  const { href } = useTenant()
  const [asked] = useQueryParameter('policy_id', '')
  const opens = policy.decision !== null || asked === policy.policy_id
  return (
    <li>
      <details class="why-policy" open={opens}>
        <summary>
          <Verdict policy={policy} />
          <strong>{policy.name}</strong>
          <span class="muted">{headline(policy)}</span>
        </summary>
        <div class="why-body">
          <StepsList why={policy} />
          {policy.agrees === false && (
            <Notice tone="warning">
              Looking again gives another answer than what was stored. What was stored is what counted.
            </Notice>
          )}
          <p class="why-links faint">
            {policy.policy_revision !== null &&
              `Policy revision ${policy.policy_revision}, set revision ${policy.revision} · `}
            <a href={href(`policies/policies/${policy.policy_id}`)}>Policy</a> ·{' '}
            <a href={href(`results/${policy.policy_id}`)}>Results</a>
          </p>
        </div>
      </details>
    </li>
  )
}

function Verdict({ policy: { decision, matched } }: { policy: PolicyExplanationRecord }) {
  if (decision !== null) return <OutcomePill outcome={decision.outcome} />
  return matched ? <Pill tone="neutral">Matched</Pill> : <Pill tone="neutral">No match</Pill>
}

function headline({ decision, reason, agrees, window }: PolicyExplanationRecord): string {
  if (decision === null) {
    // No decision was stored, so what was not kept is known to have been too little.
    return reason === 'count_unknown' && agrees === true ? reasonText('below_threshold') : reasonText(reason)
  }
  const count = window?.n === null || window?.n === undefined ? '' : `, ${window.n} of ${window.threshold}`
  const what = decision.outcome === 'observe' ? reasonText(reason) : enforcedText(decision)
  return `${what}${count}`
}
