import { type Captured, matchEvent, type PolicySet, Trace } from '@esper/core'
import type { StoredEvent } from '../../contract/ingestion.js'
import type { DraftMatches } from './schema.js'

export interface TriedEvent {
  readonly event: StoredEvent
  readonly answer: 'matched' | 'not_captured' | 'failed' | 'no'
}

/** What a set with nothing but a draft in it says to an event. */
export function answerTo(set: PolicySet, { fields }: StoredEvent, captured: Captured): TriedEvent['answer'] {
  const match = matchEvent(set, fields, { captured })
  if (match.matched.length > 0 || match.exemption !== undefined) return 'matched'
  if (match.notCaptured.length > 0 || set.exemptions.notCaptured(captured).length > 0) return 'not_captured'
  const [program] = [...set.policies.map(({ policy }) => policy.program), ...programsOfExemptions(set)]
  const clause = new Trace({ record: fields, actions: match.actions, lists: set.lists }).explain(program)
  return clause?.answer.ok === false ? 'failed' : 'no'
}

function programsOfExemptions({ exemptions }: PolicySet) {
  return exemptions.all.map(({ exemption }) => exemption.program)
}

const LISTED = 10

export function toMatches(tried: readonly TriedEvent[]): DraftMatches {
  const count = (answer: TriedEvent['answer']) => tried.filter((one) => one.answer === answer).length
  const since = tried.at(-1)?.event.observed_at
  return {
    events: tried.length,
    since: since === undefined ? null : new Date(since).toISOString(),
    matched: count('matched'),
    not_captured: count('not_captured'),
    failed: count('failed'),
    matching: tried
      .filter(({ answer }) => answer === 'matched')
      .slice(0, LISTED)
      .map(({ event }) => ({ event_id: event.event_id, observed_at: new Date(event.observed_at).toISOString() })),
  }
}
