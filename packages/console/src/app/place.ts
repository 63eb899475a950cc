import { useEffect } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { allows, type Membership, memberships } from './session.js'

const LAST_TENANT = 'esper-console-tenant'
const TENANT_PATH = /^\/(?:t|tenants)\/([^/]+)/

/** The tenant that the URL names, by slug or id; on pages of no tenant, the one last used. */
export function findTenant(path: string, all: readonly Membership[]): Membership | undefined {
  const named = TENANT_PATH.exec(path)?.[1]
  const byName = (name: string | null) => all.find((one) => one.slug === name || one.tenant_id === name)
  if (named !== undefined && !(path.startsWith('/tenants') && named === 'new')) return byName(decodeURIComponent(named))
  return byName(localStorage.getItem(LAST_TENANT)) ?? all[0]
}

/** URL of a page of a tenant. */
export function tenantHref(tenant: Pick<Membership, 'slug'>, page: string): string {
  return `/t/${encodeURIComponent(tenant.slug)}/${page}`
}

export function useCurrentTenant(): Membership | undefined {
  const { path } = useLocation()
  const tenant = findTenant(path, memberships.value)
  useEffect(() => {
    if (tenant) localStorage.setItem(LAST_TENANT, tenant.slug)
  }, [tenant?.slug])
  return tenant
}

export interface TenantPlace {
  readonly tenant: Membership
  /** Path of the tenant in the API. */
  readonly base: string
  readonly href: (page: string) => string
  readonly canEdit: boolean
  readonly canRelease: boolean
  readonly isOwner: boolean
}

/** The tenant a page is about. Pages under `/t/{tenant}` are shown only when it exists. */
export function useTenant(): TenantPlace {
  const tenant = useCurrentTenant()
  if (!tenant) throw new Error('This page needs a tenant')
  return {
    tenant,
    base: `/tenants/${encodeURIComponent(tenant.tenant_id)}`,
    href: (page) => tenantHref(tenant, page),
    canEdit: allows(tenant.role, 'Admin'),
    canRelease: allows(tenant.role, 'Analyst'),
    isOwner: allows(tenant.role, 'Owner'),
  }
}

/** One query parameter of the URL, with what it is when absent. Changing it replaces the entry in the history. */
export function useQueryParameter(name: string, fallback: string): [string, (value: string) => void] {
  const { url, query, route } = useLocation()
  const set = (value: string) => {
    const next = new URL(url, location.origin)
    if (value === fallback) next.searchParams.delete(name)
    else next.searchParams.set(name, value)
    route(next.pathname + next.search, true)
  }
  return [query[name] ?? fallback, set]
}
