import type { FieldRecord } from '../../api/types.js'
import { Checkbox, NumberInput } from '../../design/controls.js'
import { Field, FieldGroup } from '../../design/form.js'
import { FieldPicker } from '../../parts/field-picker.js'
import type { PolicyValues } from './policy-values.js'
import { windowSentence } from './window-sentence.js'

interface WindowFieldsProps {
  readonly values: PolicyValues
  readonly set: (patch: Partial<PolicyValues>) => void
  readonly entityName: string | undefined
  readonly fields: readonly FieldRecord[]
}

function sentenceOf(values: PolicyValues, entityName: string | undefined): string {
  if (!values.windowed) return 'It holds for every request that matches.'
  const seconds = Number(values.seconds)
  const threshold = Number(values.threshold)
  if (!(seconds >= 1) || !(threshold >= 1)) return 'Type how many in how many seconds.'
  return `It holds when there are ${windowSentence({ seconds, threshold, distinct: values.distinct[0] }, entityName)}.`
}

/** How often it has to happen before the policy holds, read back as a sentence. */
export function WindowFields({ values, set, entityName, fields }: WindowFieldsProps) {
  return (
    <FieldGroup path="window" label="Window">
      <div class="window">
        <Checkbox
          label="Hold only from a threshold on"
          note="Counts matching requests over a sliding window of time."
          checked={values.windowed}
          onChecked={(windowed) => set({ windowed })}
        />
        {values.windowed && (
          <div class="form-row">
            <Field path="window.threshold" label="Threshold">
              {(control) => (
                <NumberInput {...control} value={values.threshold} onValue={(threshold) => set({ threshold })} />
              )}
            </Field>
            <Field path="window.seconds" label="Window seconds">
              {(control) => <NumberInput {...control} value={values.seconds} onValue={(seconds) => set({ seconds })} />}
            </Field>
            <Field path="window.distinct" label="Distinct values of" optional>
              {(control) => (
                <FieldPicker
                  {...control}
                  values={values.distinct}
                  onValues={(distinct) => set({ distinct })}
                  fields={fields}
                  most={1}
                  placeholder="count requests"
                />
              )}
            </Field>
          </div>
        )}
        <p class="window-sentence" role="status">
          {sentenceOf(values, entityName)}
        </p>
      </div>
    </FieldGroup>
  )
}
