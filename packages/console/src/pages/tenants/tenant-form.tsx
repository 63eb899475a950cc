import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { api } from '../../api/client.js'
import { invalidate } from '../../api/query.js'
import type { TenantRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { loadSession } from '../../app/session.js'
import { Button } from '../../design/button.js'
import { Card } from '../../design/card.js'
import { NumberInput, TextInput } from '../../design/controls.js'
import { Field, Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { toast } from '../../design/toast.js'
import { DeleteDialog } from '../../parts/delete-dialog.js'
import { sendNumber } from '../../parts/numbers.js'

/** `a, b` -> `['a', 'b']` */
function namesOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '')
}

export function TenantForm({ record }: { record: TenantRecord }) {
  const { base, canEdit, isOwner } = useTenant()
  const { route } = useLocation()
  const form = useForm({
    initial: {
      name: record.name,
      slug: record.slug,
      retention_days: String(record.retention_days),
      watch_fields: record.watch_fields.join(', '),
      clear_cookies: record.clear_cookies.join(', '),
    },
    save: async (values) => {
      const saved = await api.patch<TenantRecord>(base, {
        name: values.name,
        slug: values.slug,
        retention_days: sendNumber(values.retention_days),
        watch_fields: namesOf(values.watch_fields),
        clear_cookies: namesOf(values.clear_cookies),
      })
      await loadSession()
      invalidate('/tenants')
      toast(`Saved tenant ${saved.name}`)
      if (saved.slug !== record.slug) route(`/tenants/${saved.slug}`, true)
    },
  })
  const { values, set } = form
  return (
    <Card title="Name and data">
      <Form form={form} label="Change tenant" submitLabel="Save changes" readOnly={!canEdit && !isOwner}>
        <div class="form-row">
          <Field path="name" label="Name">
            {(control) => <TextInput {...control} value={values.name} onValue={(name) => set({ name })} />}
          </Field>
          <Field path="slug" label="Slug" help="Stands in addresses. Links with the old one stop working.">
            {(control) => <TextInput {...control} mono value={values.slug} onValue={(slug) => set({ slug })} />}
          </Field>
          <Field path="retention_days" label="Retention days" help="How long events are kept.">
            {(control) => (
              <NumberInput
                {...control}
                value={values.retention_days}
                onValue={(retention_days) => set({ retention_days })}
              />
            )}
          </Field>
        </div>
        <Field
          path="watch_fields"
          label="Watch fields"
          optional
          help="Captured although no policy reads them yet, so that a later policy can look back. Separate names with commas."
        >
          {(control) => (
            <TextInput
              {...control}
              mono
              value={values.watch_fields}
              onValue={(watch_fields) => set({ watch_fields })}
              placeholder="headers.x-app-version, query.flow"
            />
          )}
        </Field>
        <Field
          path="clear_cookies"
          label="Clear cookies"
          optional
          help="Cookies whose value is no secret and may be read in clear. All others are known only as a keyed hash."
        >
          {(control) => (
            <TextInput
              {...control}
              mono
              value={values.clear_cookies}
              onValue={(clear_cookies) => set({ clear_cookies })}
              placeholder="locale, theme"
            />
          )}
        </Field>
      </Form>
    </Card>
  )
}

/** For owners: deleting a tenant, after typing its slug. */
export function DeleteTenant({ record }: { record: TenantRecord }) {
  const { base, isOwner } = useTenant()
  const { route } = useLocation()
  const [open, setOpen] = useState(false)
  if (!isOwner) return null
  const remove = async () => {
    await api.remove(base)
    toast(`Deleted tenant ${record.name}`)
    route('/tenants')
    await loadSession()
    invalidate('/tenants')
  }
  return (
    <Card
      title="Delete this tenant"
      aside={
        <Button kind="danger" onClick={() => setOpen(true)}>
          Delete tenant
        </Button>
      }
    >
      <p class="card-body muted">Its keys stop working and its policies, results and members are gone for good.</p>
      {open && (
        <DeleteDialog
          title={`Delete tenant ${record.name}?`}
          confirmLabel="Delete tenant"
          typed={{ label: `Type ${record.slug} to confirm`, text: record.slug }}
          onConfirm={remove}
          onClose={() => setOpen(false)}
        >
          <p>
            Every API key of it stops working at once, and every SDK stops enforcing its policies. Policies, events,
            results and members are deleted. This cannot be undone.
          </p>
        </DeleteDialog>
      )}
    </Card>
  )
}
