import { Checkbox, TextArea, TextInput } from '../../design/controls.js'
import { Field } from '../../design/form.js'
import type { FormState } from '../../design/form-state.js'

/** What all four kinds have. */
export interface BasicValues {
  readonly name: string
  readonly description: string
  readonly enabled: boolean
}

interface BasicsProps {
  readonly form: Pick<FormState<BasicValues>, 'values' | 'set'>
  readonly placeholder: string
  readonly help: string
}

export function NameAndDescription({ form, placeholder, help }: BasicsProps) {
  return (
    <>
      <Field path="name" label="Name" help={help}>
        {(control) => (
          <TextInput
            {...control}
            value={form.values.name}
            onValue={(name) => form.set({ name })}
            placeholder={placeholder}
          />
        )}
      </Field>
      <Field path="description" label="Description" optional>
        {(control) => (
          <TextArea {...control} value={form.values.description} onValue={(description) => form.set({ description })} />
        )}
      </Field>
    </>
  )
}

export function EnabledField({ form, note }: { form: Pick<FormState<BasicValues>, 'values' | 'set'>; note: string }) {
  return (
    <Checkbox
      label="Enabled"
      note={note}
      checked={form.values.enabled}
      onChecked={(enabled) => form.set({ enabled })}
    />
  )
}
