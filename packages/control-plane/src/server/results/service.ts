import type { MitigationClient } from '../../clients/mitigation-client.js'
import { NO_COUNTS, type PolicyCounts } from '../../contract/mitigation.js'
import { DomainError } from '../../http/problem.js'
import type { MitigationRecord } from '../mitigations/schema.js'
import type { PolicyRecord } from '../policies/schema.js'
import type { PageRequest, TenantStore } from '../store/tenant-store.js'
import { toDecisionItem } from './decision-item.js'
import type { PolicyResult, PolicyResultDetail, PolicyResultList, ResultSeries } from './schema.js'
import { isoOrNull, isoSpan, type Span } from './span.js'

export interface ResultsService {
  list(tenantId: string, span: Span, page: PageRequest): Promise<PolicyResultList>
  detail(target: { tenantId: string; policyId: string }, span: Span, page: PageRequest): Promise<PolicyResultDetail>
  series(target: { tenantId: string; policyId?: string | undefined }, span: Span): Promise<ResultSeries>
}

export interface ResultsServiceOptions {
  readonly policies: TenantStore<PolicyRecord>
  readonly mitigations: TenantStore<MitigationRecord>
  readonly broker: MitigationClient
}

/** What policies did, as the mitigation broker counted it, beside what they are called now. */
export function createResultsService({ policies, mitigations, broker }: ResultsServiceOptions): ResultsService {
  const modesOf = async (tenantId: string) => {
    const all = await mitigations.all(tenantId)
    return new Map(all.map(({ mitigation_id, mode }) => [mitigation_id, mode]))
  }
  const existing = async (tenantId: string, policyId: string) => {
    const policy = await policies.find(tenantId, policyId)
    if (policy === undefined) throw new DomainError('not_found', 'This tenant has no policy with this id.')
    return policy
  }
  return {
    list: async (tenantId, span, request) => {
      const [page, modes, counted] = await Promise.all([
        policies.page(tenantId, request),
        modesOf(tenantId),
        broker.policyResults({ tenantId, ...span }),
      ])
      const counts = new Map(counted.items.map((item) => [item.policy_id, item]))
      return {
        items: page.items.map((policy) => toResult(policy, modes, counts.get(policy.policy_id))),
        events: counted.counters.events ?? 0,
        ...isoSpan(span),
        next_cursor: page.next_cursor,
      }
    },
    detail: async ({ tenantId, policyId }, span, { limit, cursor }) => {
      const policy = await existing(tenantId, policyId)
      const [modes, counted, decided] = await Promise.all([
        modesOf(tenantId),
        broker.policyResults({ tenantId, ...span }),
        broker.decisions({ tenantId, policyId, ...span, limit, cursor }),
      ])
      const counts = counted.items.find((item) => item.policy_id === policyId)
      return {
        ...toResult(policy, modes, counts),
        ...isoSpan(span),
        decisions: decided.items.map(toDecisionItem),
        next_cursor: decided.next_cursor,
      }
    },
    series: async ({ tenantId, policyId }, span) => {
      if (policyId !== undefined) await existing(tenantId, policyId)
      const { step_seconds, items } = await broker.series({ tenantId, policyId, ...span })
      return {
        step_seconds,
        ...isoSpan(span),
        items: items.map((point) => ({ ...point, at: new Date(point.at).toISOString() })),
      }
    },
  }
}

function toResult(
  policy: PolicyRecord,
  modes: ReadonlyMap<string, MitigationRecord['mode']>,
  counts: Omit<PolicyCounts, 'policy_id'> = NO_COUNTS,
): PolicyResult {
  const { policy_id, name, enabled, mitigation_id, window } = policy
  return {
    policy_id,
    name,
    enabled,
    mode: (mitigation_id === null ? undefined : modes.get(mitigation_id)) ?? 'Monitor',
    total: counts.total,
    observe_count: counts.observe_count,
    challenge_count: counts.challenge_count,
    block_count: counts.block_count,
    enforced_count: counts.enforced_count,
    cleared_count: counts.cleared_count,
    shadowed_count: counts.shadowed_count,
    exempt_count: counts.exempt_count,
    matched_count: counts.matched_count,
    not_captured_count: counts.not_captured_count,
    closest_n: counts.closest_n,
    threshold: window?.threshold ?? null,
    last_matched_at: isoOrNull(counts.last_matched_at),
  }
}
