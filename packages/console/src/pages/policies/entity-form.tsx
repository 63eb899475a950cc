import { useCollection } from '../../api/resources.js'
import type { EntityDefinitionRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { NumberInput } from '../../design/controls.js'
import { Field } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { ExpressionField } from '../../parts/expression/expression-field.js'
import { FieldPicker } from '../../parts/field-picker.js'
import { sendNumber } from '../../parts/numbers.js'
import { EnabledField, NameAndDescription } from './basics.js'
import { ItemFrame } from './item-frame.js'
import { policiesUsing } from './usage.js'
import { useSave } from './use-save.js'

const MOST_KEY_FIELDS = 8
const DEFAULT_PRIORITY = 100

export function EntityForm({ record }: { record: EntityDefinitionRecord | undefined }) {
  const { base } = useTenant()
  const policies = useCollection(base, 'policies')
  const fields = useCollection(base, 'fields')
  const { save, remove, listHref } = useSave('entities', record?.entity_definition_id)
  const form = useForm({
    initial: {
      name: record?.name ?? '',
      description: record?.description ?? '',
      enabled: record?.enabled ?? true,
      priority: String(record?.priority ?? DEFAULT_PRIORITY),
      key_fields: record?.key_fields ?? [],
      match_expression: record?.match_expression ?? '',
    },
    save: (values) =>
      save({
        ...values,
        priority: sendNumber(values.priority),
        match_expression: values.match_expression.trim() === '' ? null : values.match_expression,
      }),
  })
  const { values, set } = form
  return (
    <ItemFrame
      kind="entities"
      form={form}
      existing={record && { id: record.entity_definition_id, name: record.name, updatedAt: record.updated_at }}
      listHref={listHref}
      remove={remove}
      usedBy={record ? policiesUsing(policies.data, record.entity_definition_id) : []}
      aside={<EntityHelp />}
    >
      <NameAndDescription
        form={form}
        placeholder="source-user-agent"
        help="Who is counted, for example ip-user-agent."
      />
      <Field
        path="key_fields"
        label="Key fields"
        help="Requests with the same values in all of these fields are one entity. Pick from the list or type a field of your own, such as body.user.email, and press Enter."
      >
        {(control) => (
          <FieldPicker
            {...control}
            values={values.key_fields}
            onValues={(key_fields) => set({ key_fields: [...key_fields] })}
            fields={fields.data ?? []}
            most={MOST_KEY_FIELDS}
            placeholder="client_ip"
          />
        )}
      </Field>
      <ExpressionField
        base={base}
        path="match_expression"
        label="Match expression"
        optional
        kind="match"
        value={values.match_expression}
        onValue={(match_expression) => set({ match_expression })}
        placeholder="$contains(user_agent, /bot|crawler/i)"
        help="Limits the entity to requests for which this is true. Leave it empty for all requests."
      />
      <Field path="priority" label="Priority" help="Lower comes first where several entities apply.">
        {(control) => <NumberInput {...control} value={values.priority} onValue={(priority) => set({ priority })} />}
      </Field>
      <EnabledField
        form={form}
        note="A disabled entity applies to nothing. Policies that need it must be disabled first."
      />
    </ItemFrame>
  )
}

function EntityHelp() {
  return (
    <>
      <h2>Choosing key fields</h2>
      <ul>
        <li>
          <code>client_ip</code> + <code>user_agent</code>: one browser at one address. A good beginning.
        </li>
        <li>
          <code>client_ip</code>: everything from one address, whatever it calls itself.
        </li>
        <li>
          <code>cookie_session_id</code>: one session of your application.
        </li>
        <li>
          <code>body.user.email</code>: one account that somebody tries to get into.
        </li>
      </ul>
      <p>A field that is missing counts as such, so leaving out a header does not make somebody new.</p>
      <p>Fields that hold a secret are only known as a keyed hash. They still group.</p>
    </>
  )
}
