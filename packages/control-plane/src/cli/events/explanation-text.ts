import type {
  ClauseRecord,
  EventExplanationRecord,
  ExplanationReason,
  PolicyExplanationRecord,
} from '../../server/explanations/schema.js'
import { type Paint, paintFor } from '../output/colours.js'
import type { Terminal } from '../terminal.js'

const REASONS: Readonly<Record<ExplanationReason, string>> = {
  holds: 'it holds',
  active_mitigation: 'held by its active mitigation',
  not_captured: 'not decided: the request was not captured with what it reads',
  response_unknown: 'it reads the response, which was not known yet',
  deferred: 'left until the application says more',
  action: 'an action it asks for did not match',
  expression: 'its expression is not true',
  expression_error: 'its expression gives an error',
  entity_match: 'its entity does not apply to the request',
  entity_missing: 'every key field of its entity is missing',
  distinct_missing: 'the field whose values it counts is missing',
  below_threshold: 'it matches, below its threshold',
  count_unknown: 'it matches; the count of its window was not kept',
  not_in_force: 'it was not in force then',
  unusable: 'it could not be used then: a list or another part of it is gone',
}

/** Why each policy did or did not hold for an event, for people. */
export function explanationText(explanation: EventExplanationRecord, terminal: Terminal): string {
  const { event_id, source_id, observed_at, revision, decided, actions, exemptions, policies, next_cursor } =
    explanation
  const paint = paintFor(terminal.stdout, terminal.env)
  const lines = [
    `Event ${event_id} of ${source_id} at ${observed_at}`,
    decided ? `Decided with revision ${revision}.` : `Not decided yet; explained with revision ${revision}.`,
    `Actions that matched: ${actions.length === 0 ? 'none' : actions.join(', ')}`,
    ...exemptions.map(({ name, applied }) => `Exemption ${name}: ${applied ? 'applied' : 'did not apply'}`),
    ...policies.flatMap((policy) => ['', ...policyLines(policy, paint)]),
    ...(next_cursor === null ? [] : ['', 'There are more policies: name one with --policy.']),
  ]
  return lines.join('\n')
}

function policyLines(policy: PolicyExplanationRecord, paint: Paint): readonly string[] {
  const { name, mode, reason, decision, agrees } = policy
  const outcome = decision === null ? 'decided nothing' : `${decision.outcome}${decision.enforced ? ', enforced' : ''}`
  return [
    `${paint('bold', name)} (${mode}): ${REASONS[reason]}; ${outcome}`,
    ...indented([
      ...policy.actions.map((action) => `${mark(action.matched)} action ${action.name}`),
      ...(policy.clause === null ? [] : clauseLines(policy.clause)),
      ...entityLines(policy),
      ...windowLines(policy),
      ...(policy.not_captured.length === 0 ? [] : [`not captured: ${policy.not_captured.join(', ')}`]),
      ...(agrees === false ? [paint('red', 'what is stored differs from this')] : []),
    ]),
  ]
}

/** A condition with what it read, and the conditions it is made of. */
function clauseLines({ source, holds, reached, reads, clauses }: ClauseRecord): readonly string[] {
  if (clauses.length > 0) return clauses.flatMap(clauseLines)
  const read = reads.map(({ field, value, missing, redacted }) => {
    if (redacted) return `${field} is a credential`
    return missing ? `${field} is missing` : `${field} is ${JSON.stringify(value) ?? 'not captured'}`
  })
  const because = read.length === 0 ? '' : `   (${read.join(', ')})`
  return [`${reached ? mark(holds) : '  -'} ${source}${reached ? because : '   (not looked at)'}`]
}

function entityLines({ entity }: PolicyExplanationRecord): readonly string[] {
  if (entity === null) return []
  const values = entity.key_values.map(({ field, value, redacted }) => {
    return `${field}=${redacted ? '(credential)' : value === null ? '(missing)' : String(value)}`
  })
  return [`entity ${entity.name}: ${values.join(' ')}`]
}

function windowLines({ window }: PolicyExplanationRecord): readonly string[] {
  if (window === null) return []
  const { n, threshold, seconds, distinct } = window
  const what = distinct === null ? '' : ` different ${distinct}`
  return [`window: ${n ?? 'unknown'} of ${threshold}${what} in ${seconds} s`]
}

function mark(holds: boolean): string {
  return holds ? 'yes' : ' no'
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`)
}
