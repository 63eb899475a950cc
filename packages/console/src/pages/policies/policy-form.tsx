import { useCollection } from '../../api/resources.js'
import type { PolicyRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { CheckboxGroup, NumberInput, Select } from '../../design/controls.js'
import { Field, FieldGroup } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { ExpressionField } from '../../parts/expression/expression-field.js'
import { EnabledField, NameAndDescription } from './basics.js'
import { ItemFrame } from './item-frame.js'
import { PolicyHelp } from './policy-help.js'
import { policyBody, policyValues, triedPolicy } from './policy-values.js'
import { useSave } from './use-save.js'
import { WindowFields } from './window-fields.js'
import './policy-form.css'

export function PolicyForm({ record }: { record: PolicyRecord | undefined }) {
  const { base, href } = useTenant()
  const actions = useCollection(base, 'actions').data
  const entities = useCollection(base, 'entity-definitions').data ?? []
  const mitigations = useCollection(base, 'mitigations').data ?? []
  const fields = useCollection(base, 'fields').data ?? []
  const { save, remove, listHref } = useSave('policies', record?.policy_id)
  const form = useForm({ initial: policyValues(record), save: (values) => save(policyBody(values)) })
  const { values, set } = form
  const entity = entities.find((one) => one.entity_definition_id === values.entity_definition_id)
  return (
    <ItemFrame
      kind="policies"
      form={form}
      existing={record && { id: record.policy_id, name: record.name, updatedAt: record.updated_at }}
      listHref={listHref}
      remove={remove}
      usedBy={[]}
      aside={<PolicyHelp record={record} onExample={(expression) => set({ expression })} />}
    >
      <NameAndDescription
        form={form}
        placeholder="Credential stuffing"
        help="What it is against, as Results will show it."
      />
      <FieldGroup
        path="action_ids"
        label="Actions"
        optional
        help="It matches only requests that are all of these actions."
      >
        {actions?.length === 0 ? (
          <p class="muted">
            There are no actions yet. <a href={href('policies/actions/new')}>Create an action</a> or use the expression
            alone.
          </p>
        ) : (
          <CheckboxGroup
            options={(actions ?? []).map((action) => ({
              value: action.action_id,
              label: action.name,
              note: action.enabled ? undefined : 'disabled',
            }))}
            values={values.action_ids}
            onValues={(action_ids) => set({ action_ids })}
          />
        )}
      </FieldGroup>
      <ExpressionField
        base={base}
        path="expression"
        label="Expression"
        kind="policy"
        value={values.expression}
        onValue={(expression) => set({ expression })}
        help="It matches only requests for which this is true. Write true to leave it to the actions alone."
        draft={triedPolicy(values)}
      />
      <Field path="entity_definition_id" label="Entity" optional help="Who is counted and held.">
        {(control) => (
          <Select
            {...control}
            value={values.entity_definition_id}
            onValue={(entity_definition_id) => set({ entity_definition_id })}
            options={[
              { value: '', label: 'None: all requests it matches together' },
              ...entities.map((one) => ({
                value: one.entity_definition_id,
                label: `${one.name} (${one.key_fields.join(' + ')})${one.enabled ? '' : ', disabled'}`,
              })),
            ]}
          />
        )}
      </Field>
      <WindowFields values={values} set={set} entityName={entity?.name} fields={fields} />
      <div class="form-row">
        <Field path="mitigation_id" label="Mitigation" optional help="What happens when it holds.">
          {(control) => (
            <Select
              {...control}
              value={values.mitigation_id}
              onValue={(mitigation_id) => set({ mitigation_id })}
              options={[
                { value: '', label: 'None: observe only' },
                ...mitigations.map((one) => ({
                  value: one.mitigation_id,
                  label: `${one.name} (${one.mode})${one.enabled ? '' : ', disabled'}`,
                })),
              ]}
            />
          )}
        </Field>
        <Field path="priority" label="Priority" help="Lower is looked at first.">
          {(control) => <NumberInput {...control} value={values.priority} onValue={(priority) => set({ priority })} />}
        </Field>
      </div>
      <EnabledField form={form} note="A disabled policy is not looked at. Disabling it lets go whoever it holds." />
    </ItemFrame>
  )
}
