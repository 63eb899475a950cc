import type { ClauseRecord, DraftExplanationRecord, ExplanationReason } from '../../api/types.js'
import { formatDuration, formatNumber, plural } from '../../design/format.js'
import type { StepState } from './state-mark.js'

/** Why something holds for an event or does not: of a saved policy or of a draft. */
export type Why = Pick<
  DraftExplanationRecord,
  'reason' | 'matched' | 'actions' | 'clause' | 'entity' | 'window' | 'not_captured'
>

/** One step of the decision, in the order in which it is made. */
export interface Step {
  readonly id: string
  readonly state: StepState
  readonly text: string
  readonly note?: string | undefined
  readonly clause?: ClauseRecord | undefined
}

const REASONS: Readonly<Record<ExplanationReason, string>> = {
  holds: 'It holds',
  active_mitigation: 'Held by its active mitigation',
  not_captured: 'Not decided: the request was not captured with what it reads',
  response_unknown: 'It reads the response, which was not known yet',
  deferred: 'Left until the application says more',
  action: 'An action it asks for did not match',
  expression: 'Its expression is not true',
  expression_error: 'Its expression gives an error',
  entity_match: 'Its entity does not apply to the request',
  entity_missing: 'Every key field of its entity is missing',
  distinct_missing: 'The field whose values it counts is missing',
  below_threshold: 'It matches, below its threshold',
  count_unknown: 'It matches; the count of its window was not kept',
  not_in_force: 'It was not in force then',
  unusable: 'It could not be used then: a list or another part of it is gone',
}

export function reasonText(reason: ExplanationReason): string {
  return REASONS[reason]
}

/** Reasons that leave the entity and the window out of it. */
const BEFORE_ENTITY: readonly ExplanationReason[] = [
  'not_captured',
  'response_unknown',
  'deferred',
  'action',
  'expression',
  'expression_error',
]

/** What was looked at, as far as it came to it. */
export function stepsOf(why: Why): readonly Step[] {
  if (why.reason === 'not_in_force' || why.reason === 'unusable') return []
  const reached = !BEFORE_ENTITY.includes(why.reason)
  return [
    ...captureSteps(why),
    ...why.actions.map((action): Step => {
      const text = action.matched ? `Action ${action.name} matched` : `Action ${action.name} did not match`
      const clause = action.matched ? undefined : (action.clause ?? undefined)
      return { id: action.action_id, state: action.matched ? 'yes' : 'no', text, clause }
    }),
    expressionStep(why),
    ...(reached ? [...entitySteps(why), ...windowSteps(why)] : []),
  ]
}

function captureSteps({ not_captured: fields }: Why): readonly Step[] {
  if (fields.length === 0) return []
  return [{ id: 'captured', state: 'unknown', text: `Not captured: ${fields.join(', ')}` }]
}

function expressionStep({ reason, clause }: Why): Step {
  const base = { id: 'expression', clause: clause ?? undefined }
  if (clause === null) return { ...base, state: 'unknown', text: 'Its expression could not be read' }
  if (reason === 'not_captured')
    return { ...base, state: 'unknown', text: 'Nobody can tell whether its expression is true' }
  if (!clause.answer.ok)
    return { ...base, state: 'error', text: 'Its expression gives an error', note: clause.answer.code }
  return clause.holds
    ? { ...base, state: 'yes', text: 'Expression is true' }
    : { ...base, state: 'no', text: 'Expression is not true' }
}

function entitySteps({ reason, entity }: Why): readonly Step[] {
  if (entity === null) return []
  const clause = entity.clause === null || entity.clause.holds ? undefined : entity.clause
  const base = { id: 'entity', clause, note: keyText(entity) }
  if (reason === 'entity_match') return [{ ...base, state: 'no', text: `Entity ${entity.name} does not apply` }]
  if (reason === 'entity_missing')
    return [{ ...base, state: 'no', text: `Entity ${entity.name}: every key field is missing` }]
  return [{ ...base, state: 'yes', text: `Entity ${entity.name}` }]
}

function keyText({ key_values: values }: NonNullable<Why['entity']>): string {
  return values
    .map(({ field, value, redacted }) => {
      if (redacted) return `${field} redacted`
      if (value === null) return `${field} missing`
      return typeof value === 'string' ? value : JSON.stringify(value)
    })
    .join(' · ')
}

function windowSteps({ reason, matched, window }: Why): readonly Step[] {
  if (window === null || reason === 'entity_match' || reason === 'entity_missing') return []
  const { n, threshold, seconds, distinct } = window
  const note = `threshold ${formatNumber(threshold)}`
  const span = formatDuration(seconds)
  if (reason === 'distinct_missing') {
    return [{ id: 'window', state: 'no', text: `Nothing to count: ${distinct ?? 'the field'} is missing`, note }]
  }
  if (!matched) return []
  if (n === null) {
    return [{ id: 'window', state: 'unknown', text: `How often in ${span} was not kept`, note }]
  }
  const what = distinct === null ? plural(n, 'time') : plural(n, `different ${distinct}`, `different ${distinct}`)
  return [{ id: 'window', state: n >= threshold ? 'yes' : 'no', text: `Seen ${what} in ${span}`, note }]
}
