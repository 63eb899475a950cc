import { api } from '../../api/client.js'
import { useFreshQuery } from '../../api/query.js'
import type { TenantRecord } from '../../api/types.js'
import { useQueryParameter, useTenant } from '../../app/place.js'
import { Card, PageLayout } from '../../design/card.js'
import { CopyId } from '../../design/copy.js'
import { ErrorNotice, Skeleton } from '../../design/notice.js'
import { Tabs } from '../../design/tabs.js'
import { EnforcementCard } from './enforcement-card.js'
import { MembersTab } from './members-tab.js'
import { DeleteTenant, TenantForm } from './tenant-form.js'

/** One tenant: its name, whether it enforces, and who belongs to it. */
export function TenantPage() {
  const { base, tenant } = useTenant()
  const [tab] = useQueryParameter('tab', 'general')
  const record = useFreshQuery(base, () => api.get<TenantRecord>(base))
  const current = tab === 'members' ? 'members' : 'general'
  const here = `/tenants/${tenant.slug}`
  return (
    <PageLayout
      title={tenant.name}
      lead={
        <>
          <CopyId id={tenant.tenant_id} what="tenant ID" whole /> · you are {tenant.role}
        </>
      }
    >
      <Tabs
        label="Tenant"
        current={current}
        tabs={[
          { id: 'general', label: 'General', href: here },
          { id: 'members', label: 'Members', href: `${here}?tab=members` },
        ]}
      >
        {current === 'members' && <MembersTab />}
        {current === 'general' && record.data && <General record={record.data} />}
        {current === 'general' && !record.data && !record.error && (
          <Card>
            <Skeleton lines={6} />
          </Card>
        )}
        {current === 'general' && !record.data && record.error && (
          <ErrorNotice what="The tenant could not be loaded" error={record.error} onRetry={record.reload} />
        )}
      </Tabs>
    </PageLayout>
  )
}

function General({ record }: { record: TenantRecord }) {
  return (
    <>
      <EnforcementCard record={record} />
      <TenantForm key={record.tenant_id} record={record} />
      <DeleteTenant record={record} />
    </>
  )
}
