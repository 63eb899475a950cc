import type { CountingScope, PolicySetContent } from '@esper/core'
import type { ListPart, ScopeKeys } from '../contract/server-internal.js'
import { createServiceClient, type ServiceClient, type ServiceClientOptions } from './service-client.js'

export interface ServerClient {
  /** Rejects with `not_found` for a tenant or revision that does not exist. */
  policySet(tenantId: string, revision: number | 'latest'): Promise<PolicySetContent>
  /** Rejects with `not_found` when no policy set of the tenant has named it for long. */
  listPart(tenantId: string, sha256: string): Promise<ListPart>
  scopeKeys(tenantId: string, scope: CountingScope): Promise<ScopeKeys>
  /** For the reader of `/stream`. */
  readonly service: ServiceClient
  close(): Promise<void>
}

export function createServerClient(options: Omit<ServiceClientOptions, 'name'>): ServerClient {
  const service = createServiceClient({ ...options, name: 'server' })
  const get = <T>(path: string) => service.request<T>({ method: 'GET', path })
  return {
    policySet: (tenantId, revision) => get(`/tenants/${encodeURIComponent(tenantId)}/policy-sets/${revision}`),
    listPart: (tenantId, sha256) => get(`/tenants/${encodeURIComponent(tenantId)}/list-parts/${sha256}`),
    scopeKeys: (tenantId, scope) =>
      get(`/tenants/${encodeURIComponent(tenantId)}/scopes/${encodeURIComponent(scope)}/keys`),
    service,
    close: () => service.close(),
  }
}
