import { LinkButton } from '../design/button.js'
import { PageLayout } from '../design/card.js'
import { Empty } from '../design/notice.js'

export function NotFound() {
  return (
    <PageLayout title="Page not found">
      <section class="card">
        <Empty title="There is nothing at this address" action={<LinkButton href="/">Go to the overview</LinkButton>}>
          The link may be old, or what it showed has been deleted.
        </Empty>
      </section>
    </PageLayout>
  )
}

export function NoSuchTenant() {
  return (
    <PageLayout title="Tenant not found">
      <section class="card">
        <Empty
          title="You are not a member of such a tenant"
          action={<LinkButton href="/tenants">See your tenants</LinkButton>}
        >
          It may have been renamed or deleted, or you may need an invitation from one of its owners.
        </Empty>
      </section>
    </PageLayout>
  )
}
