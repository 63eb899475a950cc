import {
  type ActionExplanation,
  type Clause,
  type ExemptionExplanation,
  type ExpressionAnswer,
  fieldPath,
  holdsRedacted,
  isRedactedPath,
  type PolicyExplanation,
  type ReadField,
} from '@esper/core'
import { type ListIds, runErrorMessage } from '../../expressions/index.js'
import type {
  ClauseAnswer,
  ClauseRead,
  ClauseRecord,
  DraftExplanationRecord,
  EventExplanationRecord,
} from './schema.js'

/** Why something holds for an event or does not, of a saved policy or of a draft. */
export type ExplanationPart = Omit<DraftExplanationRecord, 'event_id' | 'source_id' | 'observed_at' | 'revision'>

export interface PresenterOptions {
  /** The tenant's cookies in clear, as of today. */
  readonly clearCookies: readonly string[]
  /** The tenant's lists, which programs name by id and people by name. */
  readonly lists: ListIds
}

/**
 * Explanations as the API shows them. A credential's hash is not shown, nor what was made from one; nor a cookie that
 * the tenant has stopped to carry in clear since.
 */
export class Presenter {
  readonly #clearCookies: readonly string[]
  readonly #listNames: readonly (readonly [id: string, name: string])[]

  constructor({ clearCookies, lists }: PresenterOptions) {
    this.#clearCookies = clearCookies
    this.#listNames = [...lists].map(([name, id]) => [JSON.stringify(id), JSON.stringify(name)])
  }

  policy(explanation: PolicyExplanation, actions: readonly ActionExplanation[]): ExplanationPart {
    const { policy, reason, matched, entity, n, notCaptured } = explanation
    const { action_ids, window } = policy.policy
    return {
      reason,
      matched,
      actions: action_ids.flatMap((id) => {
        const found = actions.find(({ action }) => action.action.action_id === id)
        return found === undefined ? [] : [this.#action(found)]
      }),
      clause: this.#optionalClause(explanation.clause),
      entity: entity === undefined ? null : this.#entity(entity),
      window:
        window === undefined
          ? null
          : { seconds: window.seconds, threshold: window.threshold, distinct: window.distinct ?? null, n: n ?? null },
      not_captured: [...notCaptured],
    }
  }

  exemption({ exemption, applied, expired, captured, clause }: ExemptionExplanation): ExemptionPart {
    const { exemption_id, name } = exemption.exemption
    return { exemption_id, name, applied, expired, captured, clause: this.#optionalClause(clause) }
  }

  /** Of an exemption that is tried by itself. */
  exemptionDraft({ applied, captured, clause }: ExemptionExplanation): ExplanationPart {
    return {
      reason: exemptionReason({ applied, captured, clause }),
      matched: applied,
      actions: [],
      clause: this.#optionalClause(clause),
      entity: null,
      window: null,
      not_captured: clause === undefined ? [] : [...new Set(uncaptured(clause))],
    }
  }

  #optionalClause(clause: Clause | undefined): ClauseRecord | null {
    return clause === undefined ? null : this.#clause(clause)
  }

  #clause({ source, kind, holds, reached, decided, ...clause }: Clause): ClauseRecord {
    const hides = this.#readsHidden(clause)
    return {
      ...{ source: this.#source(source), kind, holds, reached, decided },
      answer: answerRecord(clause.answer, hides),
      reads: clause.reads.map((read) => this.#read(read)),
      operands: clause.operands.map((operand) => ({
        source: this.#source(operand.source),
        answer: answerRecord(operand.answer, hides),
      })),
      clauses: clause.clauses.map((inner) => this.#clause(inner)),
    }
  }

  #source(source: string): string {
    return this.#listNames.reduce((text, [id, name]) => text.replaceAll(id, () => name), source)
  }

  #readsHidden({ reads, clauses }: Pick<Clause, 'reads' | 'clauses'>): boolean {
    return reads.some((read) => this.#isHidden(read)) || clauses.some((clause) => this.#readsHidden(clause))
  }

  #isHidden({ redacted, path }: ReadField): boolean {
    return redacted || isRedactedPath(path, this.#clearCookies)
  }

  #read(read: ReadField): ClauseRead {
    const { field, value, captured } = read
    const missing = captured && value === undefined
    const redacted = !missing && this.#isHidden(read)
    return { field, missing, redacted, captured, ...(redacted || !captured || missing ? {} : { value }) }
  }

  #action({ action: { action }, matched, clause }: ActionExplanation) {
    return { action_id: action.action_id, name: action.name, matched, clause: this.#optionalClause(clause) }
  }

  #entity({ entity, clause, keyValues }: NonNullable<PolicyExplanation['entity']>) {
    const { entity_definition_id, name } = entity.definition
    return {
      entity_definition_id,
      name,
      clause: this.#optionalClause(clause),
      key_values: keyValues.map((key) => {
        const hidden = key.redacted || isRedactedPath(fieldPath(key.field), this.#clearCookies)
        const redacted = hidden && key.value !== undefined
        return { field: key.field, value: redacted ? null : (key.value ?? null), redacted }
      }),
    }
  }
}

type ExemptionPart = EventExplanationRecord['exemptions'][number]

function exemptionReason({ applied, captured, clause }: Pick<ExemptionExplanation, 'applied' | 'captured' | 'clause'>) {
  if (applied) return 'holds'
  if (!captured) return 'not_captured'
  return clause?.answer.ok === false ? 'expression_error' : 'expression'
}

function uncaptured({ reads, clauses }: Clause): readonly string[] {
  return [...reads.filter(({ captured }) => !captured).map(({ field }) => field), ...clauses.flatMap(uncaptured)]
}

function answerRecord(answer: ExpressionAnswer, hides: boolean): ClauseAnswer {
  if (!answer.ok) return { ok: false, code: answer.code, message: runErrorMessage(answer.code) }
  const { value } = answer
  if (value === undefined) return { ok: true, redacted: false }
  const redacted = holdsRedacted(value) || (hides && typeof value !== 'boolean')
  return redacted ? { ok: true, redacted } : { ok: true, redacted, value }
}
