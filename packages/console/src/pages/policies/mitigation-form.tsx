import { useCollection } from '../../api/resources.js'
import type { MitigationRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { NumberInput, RadioCards, Select } from '../../design/controls.js'
import { Field, FieldGroup } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { EnabledField, NameAndDescription } from './basics.js'
import { ItemFrame } from './item-frame.js'
import { mitigationBody, mitigationValues } from './mitigation-values.js'
import { BlockSettings, ChallengeSettings } from './mode-settings.js'
import { policiesUsing } from './usage.js'
import { useSave } from './use-save.js'

const MODES = [
  { value: 'Monitor', label: 'Monitor', note: 'Observes and counts. Stops nobody. Begin here.' },
  { value: 'Challenge', label: 'Challenge', note: 'The browser has to do some work before the request goes on.' },
  { value: 'Block', label: 'Block', note: 'The request is answered with 403 or 429.' },
] as const

const SCOPES = [
  { value: 'policy', label: 'Requests of the policy' },
  { value: 'entity', label: 'All requests of the entity' },
] as const

const FAIL_MODES = [
  { value: 'open', label: 'Open: enforce nothing' },
  { value: 'closed', label: 'Closed: enforce the last known' },
] as const

export function MitigationForm({ record }: { record: MitigationRecord | undefined }) {
  const { base } = useTenant()
  const policies = useCollection(base, 'policies')
  const { save, remove, listHref } = useSave('mitigation', record?.mitigation_id)
  const form = useForm({ initial: mitigationValues(record), save: (values) => save(mitigationBody(values)) })
  const { values, set } = form
  return (
    <ItemFrame
      kind="mitigation"
      form={form}
      existing={record && { id: record.mitigation_id, name: record.name, updatedAt: record.updated_at }}
      listHref={listHref}
      remove={remove}
      usedBy={record ? policiesUsing(policies.data, record.mitigation_id) : []}
      aside={<MitigationHelp />}
    >
      <NameAndDescription form={form} placeholder="Login protection" help="What it protects, in your team's words." />
      <FieldGroup path="mode" label="Mode">
        <RadioCards name="mode" value={values.mode} options={MODES} onValue={(mode) => set({ mode })} />
      </FieldGroup>
      {values.mode === 'Block' && <BlockSettings values={values} set={set} />}
      {values.mode === 'Challenge' && <ChallengeSettings values={values} set={set} />}
      <div class="form-row form-row-wide">
        <Field
          path="duration_seconds"
          label="Duration seconds"
          help="How long an entity is held after it crossed a threshold."
        >
          {(control) => (
            <NumberInput
              {...control}
              value={values.duration_seconds}
              onValue={(duration_seconds) => set({ duration_seconds })}
            />
          )}
        </Field>
        <Field path="scope" label="Scope" help="What it holds during that time.">
          {(control) => (
            <Select {...control} value={values.scope} options={SCOPES} onValue={(scope) => set({ scope })} />
          )}
        </Field>
        <Field path="fail_mode" label="Fail mode" help="When an SDK has not heard from Esper for too long.">
          {(control) => (
            <Select
              {...control}
              value={values.fail_mode}
              options={FAIL_MODES}
              onValue={(fail_mode) => set({ fail_mode })}
            />
          )}
        </Field>
      </div>
      <EnabledField
        form={form}
        note="Disabling it lets go whoever it holds. Policies that need it must be disabled first."
      />
    </ItemFrame>
  )
}

function MitigationHelp() {
  return (
    <>
      <h2>From Monitor to Block</h2>
      <p>
        Let a new policy run with a mitigation in mode <strong>Monitor</strong> for a day. Results then show how often
        it would have acted, and on whom.
      </p>
      <p>
        <strong>Challenge</strong> stops scripts and lets people through: their browser solves a small task by itself.
      </p>
      <p>
        <strong>Block</strong> is for what must never pass. Its page carries a short reference that a visitor can tell
        you.
      </p>
      <p>A change reaches every SDK within seconds. Setting it back to Monitor lets go whoever is held.</p>
    </>
  )
}
