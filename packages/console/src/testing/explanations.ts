import type {
  ClauseRecord,
  DecisionItem,
  DraftExplanationRecord,
  EventRecord,
  PolicyExplanationRecord,
} from '../api/types.js'

const AT = '2026-11-26T08:00:00.000Z'

export function clause(source: string, parts: Partial<ClauseRecord> = {}): ClauseRecord {
  return {
    ...{ source, kind: 'condition', holds: true, reached: true, decided: true },
    ...{ answer: { ok: true, redacted: false, value: parts.holds ?? true }, reads: [], operands: [], clauses: [] },
    ...parts,
  }
}

export function decision(parts: Partial<DecisionItem> = {}): DecisionItem {
  return {
    ...{
      decision_id: 'dec_1',
      event_id: 'evt_1',
      source_id: 'web',
      policy_id: 'pol_1',
      policy_revision: 2,
      revision: 7,
    },
    ...{ outcome: 'block', enforced: true, cleared: false, shadowed: false, exemption_id: null, origin: 'policy' },
    ...{ entity_definition_id: null, entity: null, n: 5, observed_at: AT, decided_at: AT },
    ...parts,
  }
}

export function event(parts: Partial<EventRecord> = {}): EventRecord {
  return {
    ...{ event_id: 'evt_1', tenant_id: 'ten_1', source_id: 'web', batch_id: 'b1', observed_at: AT, received_at: AT },
    ...{ state: 'decided', decision: null, decisions: [] },
    fields: { request_method: 'POST', request_path: '/login', client_ip: '192.0.2.7', user_agent: 'curl/8' },
    ...parts,
  }
}

type Why = Omit<DraftExplanationRecord, 'event_id' | 'source_id' | 'observed_at' | 'revision'>

export function why(parts: Partial<Why> = {}): Why {
  return {
    ...{ reason: 'holds', matched: true, actions: [], clause: clause('request_path = "/login"') },
    ...{ entity: null, window: null, not_captured: [] },
    ...parts,
  }
}

export function policyWhy(parts: Partial<PolicyExplanationRecord> = {}): PolicyExplanationRecord {
  return {
    ...{ policy_id: 'pol_1', name: 'Stuffing', policy_revision: 2, mode: 'Block', revision: 7, agrees: true },
    ...why(),
    decision: null,
    ...parts,
  }
}
