import type { CountingScope, MitigationPage } from '@esper/core'
import type {
  DecidedEvent,
  DecisionRecord,
  EndRequest,
  LookupRequest,
  PolicyCounts,
  Publication,
  ReleaseRequest,
  SeriesPoint,
  StoredMitigation,
} from '../contract/mitigation.js'
import { DomainError } from '../http/problem.js'
import { createServiceClient, type ServiceClient, type ServiceClientOptions } from './service-client.js'

export interface ResultsQuery {
  readonly tenantId: string
  readonly from: number
  readonly to: number
}

export interface MitigationClient {
  publish(publication: Publication): Promise<{ readonly duplicate: boolean }>
  lookup(request: LookupRequest): Promise<readonly StoredMitigation[]>
  /** Changes of a counting scope after a cursor; 0 asks for the full state. */
  deltas(query: { tenantId: string; scope: CountingScope; since: number }): Promise<MitigationPage>
  live(query: {
    readonly tenantId: string
    readonly policyId?: string | undefined
    readonly cursor?: string | undefined
    readonly limit?: number
  }): Promise<{ readonly items: readonly StoredMitigation[]; readonly next_cursor: string | null }>
  /** One that is live; undefined when there is none. */
  active(tenantId: string, activeMitigationId: string): Promise<StoredMitigation | undefined>
  end(request: EndRequest): Promise<{ readonly ended: number }>
  release(request: ReleaseRequest): Promise<{ readonly released: boolean }>
  policyResults(query: ResultsQuery): Promise<{
    readonly items: readonly PolicyCounts[]
    /** Of the whole tenant, by name: `events`, `bad_event:<reason>`, `sdk_decision_rejected`. */
    readonly counters: Readonly<Record<string, number>>
  }>
  series(
    query: ResultsQuery & { readonly policyId?: string | undefined },
  ): Promise<{ readonly step_seconds: number; readonly items: readonly SeriesPoint[] }>
  decisions(query: {
    readonly tenantId: string
    readonly policyId?: string | undefined
    readonly from?: number
    readonly to?: number
    readonly cursor?: string | undefined
    readonly limit?: number
  }): Promise<{ readonly items: readonly DecisionRecord[]; readonly next_cursor: string | null }>
  /** Every decision on these events. */
  decisionsOf(tenantId: string, events: readonly DecidedEvent[]): Promise<readonly DecisionRecord[]>
  /** For the reader of `/stream`. */
  readonly service: ServiceClient
  close(): Promise<void>
}

const PUBLISH_TIMEOUT_MS = 40_000

export function createMitigationClient(options: Omit<ServiceClientOptions, 'name'>): MitigationClient {
  const service = createServiceClient({ ...options, name: 'mitigation broker' })
  const post = <T>(path: string, json: unknown) =>
    service.request<T>({ method: 'POST', path, json, timeoutMs: PUBLISH_TIMEOUT_MS })
  const span = ({ tenantId, from, to }: ResultsQuery) => ({ tenant_id: tenantId, from, to })
  return {
    publish: (publication) => post('/publications', publication),
    lookup: async (request) => {
      const { items } = await post<{ items: readonly StoredMitigation[] }>('/mitigations/lookup', request)
      return items
    },
    deltas: ({ tenantId, scope, since }) =>
      service.request({ method: 'GET', path: '/mitigations', query: { tenant_id: tenantId, scope, since } }),
    live: ({ tenantId, policyId, cursor, limit }) =>
      service.request({
        method: 'GET',
        path: '/mitigations/live',
        query: { tenant_id: tenantId, policy_id: policyId, cursor, limit },
      }),
    active: async (tenantId, activeMitigationId) => {
      const path = `/mitigations/active/${encodeURIComponent(activeMitigationId)}`
      try {
        return await service.request<StoredMitigation>({ method: 'GET', path, query: { tenant_id: tenantId } })
      } catch (error) {
        if (error instanceof DomainError && error.kind === 'not_found') return undefined
        throw error
      }
    },
    end: (request) => post('/mitigations/end', request),
    release: (request) => post('/mitigations/release', request),
    policyResults: (query) => service.request({ method: 'GET', path: '/results/policies', query: span(query) }),
    series: (query) =>
      service.request({
        method: 'GET',
        path: '/results/series',
        query: { ...span(query), policy_id: query.policyId },
      }),
    decisions: ({ tenantId, policyId, ...rest }) =>
      service.request({
        method: 'GET',
        path: '/decisions',
        query: { tenant_id: tenantId, policy_id: policyId, ...rest },
      }),
    decisionsOf: async (tenantId, events) => {
      if (events.length === 0) return []
      const asked = events.map(({ source_id, event_id, observed_at }) => ({ source_id, event_id, observed_at }))
      const body = { tenant_id: tenantId, events: asked }
      const { items } = await post<{ items: readonly DecisionRecord[] }>('/decisions/lookup', body)
      return items
    },
    service,
    close: () => service.close(),
  }
}
