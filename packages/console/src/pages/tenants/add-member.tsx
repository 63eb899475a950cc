import { api } from '../../api/client.js'
import { invalidate } from '../../api/query.js'
import type { MembershipRecord, Role } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { Select, TextInput } from '../../design/controls.js'
import { Dialog } from '../../design/dialog.js'
import { Field, Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { toast } from '../../design/toast.js'
import { ROLES } from './roles.js'

interface Values {
  readonly email: string
  readonly name: string
  readonly role: Role
}

const INITIAL: Values = { email: '', name: '', role: 'Viewer' }

export function AddMember({ onClose }: { onClose: () => void }) {
  const { base } = useTenant()
  const form = useForm<Values>({
    initial: INITIAL,
    save: async ({ email, name, role }) => {
      const body = name.trim() === '' ? { email, role } : { email, role, name }
      const member = await api.post<MembershipRecord>(`${base}/memberships`, body)
      invalidate(`${base}/memberships`)
      toast(`${member.name} is now ${member.role}`)
      onClose()
    },
  })
  const { values, set } = form
  return (
    <Dialog title="Add member" onClose={onClose} dismissible={!form.dirty}>
      <Form form={form} label="Add member" submitLabel="Add member" onCancel={onClose}>
        <Field path="email" label="E-mail" help="They sign in with this address.">
          {(control) => (
            <TextInput {...control} inputMode="email" value={values.email} onValue={(email) => set({ email })} />
          )}
        </Field>
        <Field path="name" label="Name" optional>
          {(control) => <TextInput {...control} value={values.name} onValue={(name) => set({ name })} />}
        </Field>
        <Field path="role" label="Role">
          {(control) => (
            <Select
              {...control}
              value={values.role}
              onValue={(role) => set({ role })}
              options={ROLES.map(({ value, label, note }) => ({ value, label: `${label}: ${note}` }))}
            />
          )}
        </Field>
      </Form>
    </Dialog>
  )
}
