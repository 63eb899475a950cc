import { useState } from 'preact/hooks'
import { useLocation, useRoute } from 'preact-iso'
import { api } from '../../api/client.js'
import { invalidate, useFreshQuery } from '../../api/query.js'
import type { ApiKeyRecord, TrustLevel } from '../../api/types.js'
import { NotFound } from '../../app/not-found.js'
import { useTenant } from '../../app/place.js'
import { Button } from '../../design/button.js'
import { Card, PageLayout } from '../../design/card.js'
import { RadioCards, TextInput } from '../../design/controls.js'
import { CopyId } from '../../design/copy.js'
import { Field, FieldGroup, Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { ErrorNotice, Skeleton } from '../../design/notice.js'
import { RelativeTime } from '../../design/relative-time.js'
import { toast } from '../../design/toast.js'
import { DeleteDialog } from '../../parts/delete-dialog.js'
import { TRUST_LEVELS } from './trust-levels.js'

/** One key: its name and trust level, and revoking it. */
export function ApiKeyPage() {
  const { params } = useRoute()
  const { base } = useTenant()
  const path = `${base}/api-keys/${encodeURIComponent(params.id ?? '')}`
  const key = useFreshQuery(path, () => api.get<ApiKeyRecord>(path))
  if (key.data) return <KeyForm record={key.data} path={path} />
  if (key.error?.status === 404) return <NotFound />
  return (
    <PageLayout title="API key">
      {key.error ? (
        <ErrorNotice what="The API key could not be loaded" error={key.error} onRetry={key.reload} />
      ) : (
        <Card>
          <Skeleton lines={6} />
        </Card>
      )}
    </PageLayout>
  )
}

interface Values {
  readonly name: string
  readonly trust_level: TrustLevel
}

function KeyForm({ record, path }: { record: ApiKeyRecord; path: string }) {
  const { base, href, canEdit } = useTenant()
  const { route } = useLocation()
  const [revoking, setRevoking] = useState(false)
  const done = (text: string) => {
    invalidate(base)
    toast(text)
    route(href('api-keys'))
  }
  const form = useForm<Values>({
    initial: { name: record.name, trust_level: record.trust_level },
    save: async (values) => {
      await api.patch(path, values)
      done(`Saved API key ${values.name}`)
    },
  })
  const revoke = async () => {
    await api.remove(path)
    done(`Revoked API key ${record.name}`)
  }
  return (
    <PageLayout title={record.name} lead={<KeyLead record={record} />}>
      <section class="card">
        <Form
          form={form}
          label="Change API key"
          submitLabel="Save changes"
          cancelHref={href('api-keys')}
          readOnly={!canEdit}
          extra={
            <Button kind="danger" onClick={() => setRevoking(true)}>
              Revoke API key
            </Button>
          }
        >
          <Field path="name" label="Name">
            {(control) => <TextInput {...control} value={form.values.name} onValue={(name) => form.set({ name })} />}
          </Field>
          <FieldGroup path="trust_level" label="Trust level" help="A change moves what this source counts with.">
            <RadioCards
              name="trust_level"
              value={form.values.trust_level}
              options={TRUST_LEVELS}
              onValue={(trust_level) => form.set({ trust_level })}
            />
          </FieldGroup>
        </Form>
      </section>
      {revoking && (
        <DeleteDialog
          title={`Revoke API key ${record.name}?`}
          confirmLabel="Revoke API key"
          onConfirm={revoke}
          onClose={() => setRevoking(false)}
        >
          <p>
            An application that still uses it can no longer send events or receive policies for the source{' '}
            <code>{record.source_id}</code>. It goes on working, and stops enforcing when what it last received expires.
          </p>
          {record.last_used_at && (
            <p>
              It was last used <RelativeTime at={record.last_used_at} />.
            </p>
          )}
        </DeleteDialog>
      )}
    </PageLayout>
  )
}

function KeyLead({ record }: { record: ApiKeyRecord }) {
  return (
    <>
      Source <code>{record.source_id}</code> · key ID <CopyId id={record.key_id} what="key ID" whole /> · last used{' '}
      {record.last_used_at ? <RelativeTime at={record.last_used_at} /> : 'never'}
    </>
  )
}
