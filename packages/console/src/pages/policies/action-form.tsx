import { useCollection } from '../../api/resources.js'
import type { ActionRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { useForm } from '../../design/form-state.js'
import { ExpressionField } from '../../parts/expression/expression-field.js'
import { ExpressionHelp } from '../../parts/expression/expression-help.js'
import { EnabledField, NameAndDescription } from './basics.js'
import { ItemFrame } from './item-frame.js'
import { policiesUsing } from './usage.js'
import { useSave } from './use-save.js'

const EXAMPLES = [
  { what: 'Somebody sends the login form', expression: 'request_method = "POST" and request_path = "/login"' },
  {
    what: 'Somebody opens an article',
    expression: 'request_method = "GET" and $contains(request_path, /^\\/articles\\//)',
  },
  { what: 'A call of the API', expression: '$contains(request_path, /^\\/api\\//)' },
] as const

export function ActionForm({ record }: { record: ActionRecord | undefined }) {
  const { base } = useTenant()
  const policies = useCollection(base, 'policies')
  const { save, remove, listHref } = useSave('actions', record?.action_id)
  const form = useForm({
    initial: {
      name: record?.name ?? '',
      description: record?.description ?? '',
      enabled: record?.enabled ?? true,
      expression: record?.expression ?? '',
    },
    save,
  })
  return (
    <ItemFrame
      kind="actions"
      form={form}
      existing={record && { id: record.action_id, name: record.name, updatedAt: record.updated_at }}
      listHref={listHref}
      remove={remove}
      usedBy={record ? policiesUsing(policies.data, record.action_id) : []}
      aside={<ExpressionHelp examples={EXAMPLES} onExample={(expression) => form.set({ expression })} />}
    >
      <NameAndDescription form={form} placeholder="login" help="What visitors do, in a word your team uses." />
      <ExpressionField
        base={base}
        path="expression"
        label="Expression"
        kind="action"
        value={form.values.expression}
        onValue={(expression) => form.set({ expression })}
        placeholder={EXAMPLES[0].expression}
        help="A request is this action when the expression is true for it. Type the name of a field to see the fields there are."
      />
      <EnabledField
        form={form}
        note="A disabled action matches nothing. Policies that need it must be disabled first."
      />
    </ItemFrame>
  )
}
