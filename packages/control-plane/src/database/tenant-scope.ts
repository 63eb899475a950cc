export interface TenantScope {
  readonly tenant_id: string
}

/** The filter for one tenant's documents. The tenant comes last, so nothing in `filter` can stand in its place. */
export function inTenant<F extends object>(scope: TenantScope, filter: F): Omit<F, 'tenant_id'> & TenantScope {
  return { ...filter, tenant_id: scope.tenant_id }
}
