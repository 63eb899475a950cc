import { getAll } from '../../api/client.js'
import { useQuery } from '../../api/query.js'
import type { TenantRecord } from '../../api/types.js'
import { tenantHref, useCurrentTenant } from '../../app/place.js'
import { memberships } from '../../app/session.js'
import { LinkButton } from '../../design/button.js'
import { Card, PageLayout } from '../../design/card.js'
import { Empty } from '../../design/notice.js'
import { Pill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import { type Column, DataTable } from '../../design/table.js'

/** All tenants one is a member of; a row opens its settings, Switch opens its overview. */
export function TenantsPage() {
  const current = useCurrentTenant()
  const tenants = useQuery('/tenants', () => getAll<TenantRecord>('/tenants'))
  const roleOf = (tenant: TenantRecord) =>
    memberships.value.find((one) => one.tenant_id === tenant.tenant_id)?.role ?? '–'
  const columns: readonly Column<TenantRecord>[] = [
    {
      id: 'name',
      header: 'Tenant',
      cell: (tenant) => tenant.name,
      note: (tenant) => tenant.slug,
      sortBy: (tenant) => tenant.name,
    },
    { id: 'role', header: 'Your role', cell: roleOf, sortBy: roleOf },
    { id: 'enforcement', header: 'Enforcement', cell: (tenant) => <EnforcementPill tenant={tenant} /> },
    {
      id: 'created',
      header: 'Created',
      align: 'end',
      cell: (tenant) => <RelativeTime at={tenant.created_at} />,
      sortBy: (tenant) => Date.parse(tenant.created_at),
    },
    {
      id: 'switch',
      header: 'Switch',
      align: 'end',
      cell: (tenant) =>
        tenant.tenant_id === current?.tenant_id ? (
          <span class="muted">Current</span>
        ) : (
          <LinkButton size="small" href={tenantHref(tenant, 'overview')}>
            Switch to {tenant.name}
          </LinkButton>
        ),
    },
  ]
  const create = (
    <LinkButton kind="primary" icon="plus" href="/tenants/new">
      Create tenant
    </LinkButton>
  )
  return (
    <PageLayout
      title="Tenants"
      lead="A tenant holds its own keys, policies, events and members. Nothing is shared between tenants."
      actions={create}
    >
      <Card>
        <DataTable
          label="Tenants"
          rows={tenants}
          columns={columns}
          rowKey={(tenant) => tenant.tenant_id}
          rowHref={(tenant) => `/tenants/${tenant.slug}`}
          empty={
            <Empty title="You are in no tenant yet" action={create}>
              Create one for the application you want to protect, or ask an owner of one to add you.
            </Empty>
          }
        />
      </Card>
    </PageLayout>
  )
}

function EnforcementPill({ tenant }: { tenant: TenantRecord }) {
  return tenant.enforcement === 'on' ? <Pill tone="good">On</Pill> : <Pill tone="observe">Monitor</Pill>
}
