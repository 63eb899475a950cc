import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { api } from '../../api/client.js'
import { invalidate } from '../../api/query.js'
import { useCollection } from '../../api/resources.js'
import type { ExemptionRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { Button } from '../../design/button.js'
import { PageLayout } from '../../design/card.js'
import { Checkbox, Select, TextArea, TextInput } from '../../design/controls.js'
import { CopyId } from '../../design/copy.js'
import { Field, Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { Notice } from '../../design/notice.js'
import { RelativeTime } from '../../design/relative-time.js'
import { toast } from '../../design/toast.js'
import { DeleteDialog } from '../../parts/delete-dialog.js'
import { isOver } from '../../parts/expiry.js'
import { ExpiryField } from '../../parts/expiry-field.js'
import { ExpressionField } from '../../parts/expression/expression-field.js'
import { ExpressionHelp } from '../../parts/expression/expression-help.js'

const EXAMPLES = [
  { what: 'Our monitoring', expression: 'user_agent = "Uptime-Probe/2" and $cidr(client_ip, "203.0.113.0/28")' },
  { what: 'One address', expression: 'client_ip = "203.0.113.7"' },
  { what: 'A customer who signed in', expression: 'user_id = "customer-42"' },
] as const

const initialOf = (record: ExemptionRecord | undefined) => ({
  name: record?.name ?? '',
  note: record?.note ?? '',
  enabled: record?.enabled ?? true,
  expression: record?.expression ?? '',
  list_id: record?.list_id ?? '',
  expires_at: record?.expires_at ?? '',
})

export function ExemptionForm({ record }: { record: ExemptionRecord | undefined }) {
  const { base, href, canRelease } = useTenant()
  const { route } = useLocation()
  const lists = useCollection(base, 'lists').data ?? []
  const [deleting, setDeleting] = useState(false)
  const path = `${base}/exemptions`
  const onePath = `${path}/${encodeURIComponent(record?.exemption_id ?? '')}`
  const done = (text: string) => {
    invalidate(base)
    toast(text)
    route(href('exemptions'))
  }
  const form = useForm({
    initial: initialOf(record),
    save: async ({ expression, list_id, expires_at, ...values }) => {
      const whom = { expression: expression.trim() === '' ? null : expression, list_id: list_id || null }
      const body = { ...values, ...whom, expires_at: expires_at || null }
      if (record === undefined) await api.post(path, body)
      else await api.patch(onePath, body)
      done(`${record === undefined ? 'Created' : 'Saved'} exemption ${values.name}`)
    },
  })
  const { values, set } = form
  return (
    <PageLayout title={record?.name ?? 'Create exemption'} lead={record && <Lead record={record} />}>
      {!canRelease && <Notice tone="info">Your role lets you look at exemptions, not change them.</Notice>}
      {record && isOver(record.expires_at) && (
        <Notice tone="warning">
          This exemption is over: it exempts nobody any more. Give it a later time to bring it back.
        </Notice>
      )}
      <div class="with-aside">
        <section class="card">
          <Form
            form={form}
            label={record ? 'Change exemption' : 'Create exemption'}
            submitLabel={record ? 'Save changes' : 'Create exemption'}
            cancelHref={href('exemptions')}
            readOnly={!canRelease}
            extra={
              record && (
                <Button kind="danger" onClick={() => setDeleting(true)}>
                  Delete exemption
                </Button>
              )
            }
          >
            <Field path="name" label="Name" help="Whom it is about.">
              {(control) => (
                <TextInput
                  {...control}
                  value={values.name}
                  onValue={(name) => set({ name })}
                  placeholder="Our monitoring"
                />
              )}
            </Field>
            <Field path="note" label="Note" optional help="Why, for whoever finds it in a year.">
              {(control) => <TextArea {...control} value={values.note} onValue={(note) => set({ note })} />}
            </Field>
            <ExpressionField
              base={base}
              path="expression"
              label="Expression"
              kind="exemption"
              optional
              value={values.expression}
              onValue={(expression) => set({ expression })}
              placeholder={EXAMPLES[0].expression}
              help="A request is exempt when it is true for it. It cannot read the response, which comes too late."
            />
            <Field
              path="list_id"
              label="List"
              optional
              help="A request is exempt when its client_ip or user_id is on this list. With an expression, both must hold."
            >
              {(control) => (
                <Select
                  {...control}
                  value={values.list_id}
                  onValue={(list_id) => set({ list_id })}
                  options={[
                    { value: '', label: 'No list' },
                    ...lists.map(({ list_id, name, enabled }) => ({
                      value: list_id,
                      label: enabled ? name : `${name} (disabled)`,
                    })),
                  ]}
                />
              )}
            </Field>
            <ExpiryField
              path="expires_at"
              label="Expires"
              value={values.expires_at}
              onValue={(expires_at) => set({ expires_at })}
            />
            <Checkbox
              label="Enabled"
              note="A disabled exemption exempts nobody."
              checked={values.enabled}
              onChecked={(enabled) => set({ enabled })}
            />
          </Form>
        </section>
        <aside class="card aside" aria-label="About this form">
          <ExpressionHelp examples={EXAMPLES} onExample={(expression) => set({ expression })} />
        </aside>
      </div>
      {record && deleting && (
        <DeleteDialog
          title={`Delete exemption ${record.name}?`}
          confirmLabel="Delete exemption"
          onConfirm={async () => {
            await api.remove(onePath)
            done('Deleted the exemption')
          }}
          onClose={() => setDeleting(false)}
        >
          <p>From then on policies concern whoever it was about, as anybody else. What happened so far stays.</p>
        </DeleteDialog>
      )}
    </PageLayout>
  )
}

function Lead({ record }: { record: ExemptionRecord }) {
  return (
    <>
      <CopyId id={record.exemption_id} /> · created by {record.created_by.name} <RelativeTime at={record.created_at} />
    </>
  )
}
