import { useEffect } from 'preact/hooks'
import { lazy, Route, Router, useLocation } from 'preact-iso'
import { NoSuchTenant, NotFound } from './not-found.js'
import { findTenant, tenantHref, useCurrentTenant } from './place.js'
import { memberships } from './session.js'

const Overview = lazy(() => import('../pages/overview/overview-page.js').then((page) => page.OverviewPage))
const Tenants = lazy(() => import('../pages/tenants/tenants-page.js').then((page) => page.TenantsPage))
const NewTenant = lazy(() => import('../pages/tenants/new-tenant-page.js').then((page) => page.NewTenantPage))
const Tenant = lazy(() => import('../pages/tenants/tenant-page.js').then((page) => page.TenantPage))
const ApiKeys = lazy(() => import('../pages/api-keys/api-keys-page.js').then((page) => page.ApiKeysPage))
const NewApiKey = lazy(() => import('../pages/api-keys/new-api-key-page.js').then((page) => page.NewApiKeyPage))
const ApiKey = lazy(() => import('../pages/api-keys/api-key-page.js').then((page) => page.ApiKeyPage))
const Policies = lazy(() => import('../pages/policies/policies-page.js').then((page) => page.PoliciesPage))
const PolicyItem = lazy(() => import('../pages/policies/item-page.js').then((page) => page.ItemPage))
const Lists = lazy(() => import('../pages/lists/lists-page.js').then((page) => page.ListsPage))
const NewList = lazy(() => import('../pages/lists/new-list-page.js').then((page) => page.NewListPage))
const List = lazy(() => import('../pages/lists/list-page.js').then((page) => page.ListPage))
const Exemptions = lazy(() => import('../pages/exemptions/exemptions-page.js').then((page) => page.ExemptionsPage))
const Exemption = lazy(() => import('../pages/exemptions/exemption-page.js').then((page) => page.ExemptionPage))
const Results = lazy(() => import('../pages/results/results-page.js').then((page) => page.ResultsPage))
const Result = lazy(() => import('../pages/results/policy-result-page.js').then((page) => page.PolicyResultPage))
const Traffic = lazy(() => import('../pages/traffic/traffic-page.js').then((page) => page.TrafficPage))
const Event = lazy(() => import('../pages/traffic/event-page.js').then((page) => page.EventPage))
const Active = lazy(() => import('../pages/active-mitigations/active-page.js').then((page) => page.ActivePage))
const Audit = lazy(() => import('../pages/audit/audit-page.js').then((page) => page.AuditPage))

function Home() {
  const { route } = useLocation()
  const tenant = useCurrentTenant()
  useEffect(() => route(tenant ? tenantHref(tenant, 'overview') : '/tenants/new', true), [tenant])
  return null
}

function ToOverview() {
  return <Home />
}

function ToActions() {
  const { path, route } = useLocation()
  useEffect(() => route(`${path}/actions`, true), [path])
  return null
}

/** After going to another page the keyboard goes on there; among tabs it stays where it is. */
function moveFocus(): void {
  if (document.activeElement?.getAttribute('role') === 'tab') return
  document.getElementById('main')?.focus({ preventScroll: true })
}

/** Which page is at which address. A tenant is named by its slug or its id. */
export function Routes() {
  const { path } = useLocation()
  if (/^\/(?:t|tenants)\/(?!new$)./.test(path) && !findTenant(path, memberships.value)) return <NoSuchTenant />
  return (
    <Router onRouteChange={moveFocus}>
      <Route path="/" component={Home} />
      <Route path="/tenants" component={Tenants} />
      <Route path="/tenants/new" component={NewTenant} />
      <Route path="/tenants/:tenant" component={Tenant} />
      <Route path="/t/:tenant" component={ToOverview} />
      <Route path="/t/:tenant/overview" component={Overview} />
      <Route path="/t/:tenant/api-keys" component={ApiKeys} />
      <Route path="/t/:tenant/api-keys/new" component={NewApiKey} />
      <Route path="/t/:tenant/api-keys/:id" component={ApiKey} />
      <Route path="/t/:tenant/policies" component={ToActions} />
      <Route path="/t/:tenant/policies/:tab" component={Policies} />
      <Route path="/t/:tenant/policies/:tab/:id" component={PolicyItem} />
      <Route path="/t/:tenant/lists" component={Lists} />
      <Route path="/t/:tenant/lists/new" component={NewList} />
      <Route path="/t/:tenant/lists/:id" component={List} />
      <Route path="/t/:tenant/exemptions" component={Exemptions} />
      <Route path="/t/:tenant/exemptions/:id" component={Exemption} />
      <Route path="/t/:tenant/results" component={Results} />
      <Route path="/t/:tenant/results/:id" component={Result} />
      <Route path="/t/:tenant/traffic" component={Traffic} />
      <Route path="/t/:tenant/traffic/:id" component={Event} />
      <Route path="/t/:tenant/active-mitigations" component={Active} />
      <Route path="/t/:tenant/audit" component={Audit} />
      <Route default component={NotFound} />
    </Router>
  )
}
