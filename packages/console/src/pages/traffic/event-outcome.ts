import type { DecisionItem, EventRecord } from '../../api/types.js'
import type { Tone } from '../../design/pill.js'
import { enforcedText } from '../results/decision-columns.js'

/** What became of a request, in a word and a few more. */
export interface EventOutcome {
  readonly tone: Tone
  readonly word: string
  readonly note: string | undefined
  /** The decision that it follows from. */
  readonly decision: DecisionItem | undefined
}

const WORDS = { observe: 'Observe', challenge: 'Challenge', block: 'Block' } as const

export function outcomeOf({ state, decision: reported, decisions }: EventRecord): EventOutcome {
  const happened =
    decisions.find((one) => one.outcome !== 'observe' && !one.cleared && !one.shadowed) ??
    decisions.find((one) => one.cleared) ??
    decisions[0]
  if (happened === undefined) return { ...undecided(state, reported), decision: undefined }
  if (happened.exemption_id !== null) return { tone: 'neutral', word: 'Exempt', note: undefined, decision: happened }
  const note = happened.outcome === 'observe' ? undefined : enforcedText(happened)
  return { tone: happened.outcome, word: WORDS[happened.outcome], note, decision: happened }
}

function undecided(state: EventRecord['state'], reported: EventRecord['decision']): Omit<EventOutcome, 'decision'> {
  if (state === 'dead') return { tone: 'neutral', word: 'Not decided', note: 'its batch could not be read' }
  if (state === 'decided') return { tone: 'neutral', word: 'Passed', note: undefined }
  const outcome = reported?.outcome
  if (outcome === undefined) return { tone: 'neutral', word: 'Waiting', note: undefined }
  return { tone: outcome, word: WORDS[outcome], note: 'as the SDK says' }
}

/** Policies that decided something, each once, what happened first. */
export function policiesOf(event: EventRecord): readonly string[] {
  const { decision } = outcomeOf(event)
  const ids = event.decisions.map(({ policy_id }) => policy_id)
  return [...new Set(decision === undefined ? ids : [decision.policy_id, ...ids])]
}
