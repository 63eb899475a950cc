import type { DecisionRecord } from '../../contract/mitigation.js'
import type { DecisionItem } from './schema.js'

/** A stored decision as the API shows it. */
export function toDecisionItem(decision: DecisionRecord): DecisionItem {
  return {
    decision_id: decision.decision_id,
    event_id: decision.event_id,
    source_id: decision.source_id,
    policy_id: decision.policy_id,
    policy_revision: decision.policy_revision,
    revision: decision.revision,
    outcome: decision.outcome,
    enforced: decision.enforced,
    cleared: decision.cleared,
    shadowed: decision.shadowed,
    exemption_id: decision.exemption_id ?? null,
    origin: decision.origin,
    entity_definition_id: decision.entity_definition_id ?? null,
    entity: toEntity(decision.entity),
    n: decision.n ?? null,
    observed_at: new Date(decision.observed_at).toISOString(),
    decided_at: new Date(decision.decided_at).toISOString(),
  }
}

/** The broker's read-only pairs as the API's. */
export function toEntity(entity: DecisionRecord['entity']): [string, string | null][] | null {
  return entity === undefined ? null : entity.map(([field, value]) => [field, value])
}
