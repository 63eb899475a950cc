import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { api } from '../../api/client.js'
import { invalidate } from '../../api/query.js'
import type { ListRecord, ListUser } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { Button } from '../../design/button.js'
import { Card } from '../../design/card.js'
import { Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { plural } from '../../design/format.js'
import { toast } from '../../design/toast.js'
import { DeleteDialog } from '../../parts/delete-dialog.js'
import { EnabledField, NameAndDescription } from '../policies/basics.js'
import { UserLinks } from './list-users.js'

interface ListSettingsProps {
  readonly list: ListRecord
  readonly users: readonly ListUser[] | undefined
}

/** Name, description, whether it is enabled, and deleting it. */
export function ListSettings({ list, users = [] }: ListSettingsProps) {
  const { base, href, canEdit } = useTenant()
  const { route } = useLocation()
  const [deleting, setDeleting] = useState(false)
  const path = `${base}/lists/${encodeURIComponent(list.list_id)}`
  const form = useForm({
    initial: { name: list.name, description: list.description, enabled: list.enabled },
    save: async (values) => {
      await api.patch(path, values)
      toast(`Saved list ${values.name}`)
      invalidate(base)
    },
  })
  const remove = async () => {
    await api.remove(path)
    toast('Deleted the list')
    invalidate(base)
    route(href('lists'))
  }
  return (
    <Card title="Settings">
      <Form
        form={form}
        label="Change list"
        submitLabel="Save changes"
        readOnly={!canEdit}
        extra={
          <Button kind="danger" onClick={() => setDeleting(true)}>
            Delete list
          </Button>
        }
      >
        <NameAndDescription
          form={form}
          placeholder="known attackers"
          help="Expressions name it by this. It cannot be renamed while something enabled names it."
        />
        <EnabledField form={form} note="A list that something enabled needs cannot be disabled." />
      </Form>
      {deleting && (
        <DeleteDialog
          title={`Delete list ${list.name}?`}
          confirmLabel="Delete list"
          onConfirm={remove}
          onClose={() => setDeleting(false)}
        >
          <p>Its {plural(list.entry_count, 'entry', 'entries')} cannot be brought back.</p>
          {users.length === 0 ? (
            <p>Nothing uses this list.</p>
          ) : (
            <p>
              Used by <UserLinks users={users} />. While something enabled needs it, it cannot be deleted.
            </p>
          )}
        </DeleteDialog>
      )}
    </Card>
  )
}
