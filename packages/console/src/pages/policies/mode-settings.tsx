import { Checkbox, NumberInput, Select, TextArea, TextInput } from '../../design/controls.js'
import { Field } from '../../design/form.js'
import type { MitigationValues } from './mitigation-values.js'

interface ModeSettingsProps {
  readonly values: MitigationValues
  readonly set: (patch: Partial<MitigationValues>) => void
}

const STATUSES = [
  { value: '403', label: '403 Forbidden' },
  { value: '429', label: '429 Too Many Requests' },
] as const

const LEVELS = ['1', '2', '3', '4'].map((value) => ({ value, label: `Level ${value}` }))

/** What a blocked request is answered with. */
export function BlockSettings({ values, set }: ModeSettingsProps) {
  return (
    <div class="form-section">
      <div class="form-row">
        <Field path="response.status" label="Status">
          {(control) => (
            <Select {...control} value={values.status} options={STATUSES} onValue={(status) => set({ status })} />
          )}
        </Field>
        <Field path="response.retry_after" label="Retry after" help="Seconds, or auto: what is left of the block.">
          {(control) => (
            <NumberInput {...control} value={values.retry_after} onValue={(retry_after) => set({ retry_after })} />
          )}
        </Field>
      </div>
      <Field path="response.body" label="Message" optional help="Shown on the page and in the answer to programs.">
        {(control) => (
          <TextArea
            {...control}
            value={values.body}
            onValue={(body) => set({ body })}
            placeholder="Too many attempts. Please wait a few minutes."
          />
        )}
      </Field>
      <Field
        path="response.contact_url"
        label="Contact URL"
        optional
        help="Where somebody blocked by mistake can turn to."
      >
        {(control) => (
          <TextInput
            {...control}
            inputMode="url"
            value={values.contact_url}
            onValue={(contact_url) => set({ contact_url })}
            placeholder="https://example.com/help"
          />
        )}
      </Field>
    </div>
  )
}

/** How a challenged client proves itself. */
export function ChallengeSettings({ values, set }: ModeSettingsProps) {
  return (
    <div class="form-section">
      <div class="form-row">
        <Field path="level" label="Level" help="Each level is about three times the work of the one before.">
          {(control) => (
            <Select {...control} value={values.level} options={LEVELS} onValue={(level) => set({ level })} />
          )}
        </Field>
        <Field path="min_level" label="Least level" help="A proof earned at this level elsewhere is enough.">
          {(control) => (
            <Select
              {...control}
              value={values.min_level}
              options={LEVELS}
              onValue={(min_level) => set({ min_level })}
            />
          )}
        </Field>
      </div>
      <Checkbox
        label="One proof for one request"
        note="Otherwise a proof lets further requests through until it expires."
        checked={values.one_time}
        onChecked={(one_time) => set({ one_time })}
      />
    </div>
  )
}
