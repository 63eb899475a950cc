import { useLocation } from 'preact-iso'
import { api } from '../../api/client.js'
import { invalidate } from '../../api/query.js'
import type { TenantRecord } from '../../api/types.js'
import { tenantHref } from '../../app/place.js'
import { loadSession, memberships } from '../../app/session.js'
import { PageLayout } from '../../design/card.js'
import { TextInput } from '../../design/controls.js'
import { Field, Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { toast } from '../../design/toast.js'

/** Creates a tenant, whose owner one becomes, and opens it. */
export function NewTenantPage() {
  const { route } = useLocation()
  const first = memberships.value.length === 0
  const form = useForm({
    initial: { name: '', slug: '' },
    save: async ({ name, slug }) => {
      const tenant = await api.post<TenantRecord>('/tenants', slug.trim() === '' ? { name } : { name, slug })
      await loadSession()
      invalidate('/tenants')
      toast(`Created tenant ${tenant.name}`)
      route(tenantHref(tenant, 'overview'))
    },
  })
  const { values, set } = form
  return (
    <PageLayout
      title={first ? 'Create your first tenant' : 'Create tenant'}
      lead="Usually one a product and environment, for example “Shop, production”. You become its owner."
    >
      <section class="card">
        <Form form={form} label="Create tenant" submitLabel="Create tenant" cancelHref={first ? undefined : '/tenants'}>
          <div class="form-row">
            <Field path="name" label="Name">
              {(control) => (
                <TextInput
                  {...control}
                  value={values.name}
                  onValue={(name) => set({ name })}
                  placeholder="Shop, production"
                />
              )}
            </Field>
            <Field
              path="slug"
              label="Slug"
              optional
              help="Stands in addresses: a-z, 0-9 and dashes. Made from the name when left empty."
            >
              {(control) => <TextInput {...control} mono value={values.slug} onValue={(slug) => set({ slug })} />}
            </Field>
          </div>
        </Form>
      </section>
    </PageLayout>
  )
}
