import { useState } from 'preact/hooks'
import { api } from '../../api/client.js'
import type { ActiveMitigationRecord, ReleaseBody } from '../../api/types.js'
import { RadioCards, TextInput } from '../../design/controls.js'
import { Dialog } from '../../design/dialog.js'
import { Field, FieldGroup, Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { toast } from '../../design/toast.js'
import { EntityValues } from '../../parts/entity-values.js'

const CHOICES = [
  {
    value: 'none',
    label: 'Release',
    note: 'What it did so far is forgotten. If it crosses the threshold again, it is held again.',
    seconds: undefined,
  },
  { value: '1h', label: 'And exempt for 1 hour', note: 'No policy concerns it until then.', seconds: 3_600 },
  { value: '24h', label: 'And exempt for 24 hours', note: 'No policy concerns it until then.', seconds: 86_400 },
  {
    value: 'always',
    label: 'And exempt always',
    note: 'Until somebody deletes the exemption.',
    seconds: null,
  },
] as const

type Choice = (typeof CHOICES)[number]['value']

interface ReleaseDialogProps {
  readonly held: ActiveMitigationRecord
  /** Of the active mitigations, in the API. */
  readonly path: string
  readonly onDone: () => void
  readonly onClose: () => void
}

/** Lets an entity go, and asks whether it is to be left alone from now on. */
export function ReleaseDialog({ held, path, onDone, onClose }: ReleaseDialogProps) {
  const [choice, setChoice] = useState<Choice>('none')
  const form = useForm({
    initial: { note: '' },
    save: async ({ note }) => {
      const seconds = CHOICES.find(({ value }) => value === choice)?.seconds
      const body: ReleaseBody = seconds === undefined ? {} : { exempt: { for_seconds: seconds, note } }
      await api.post(`${path}/${encodeURIComponent(held.active_mitigation_id)}/release`, body)
      toast(
        seconds === undefined
          ? 'Released. Every SDK lets it through within seconds.'
          : 'Released and exempted. Every SDK lets it through within seconds.',
      )
      onDone()
    },
  })
  const options = held.entity === null ? CHOICES.filter(({ value }) => value === 'none') : CHOICES
  return (
    <Dialog title="Release this entity?" onClose={onClose}>
      <Form
        form={form}
        label="Release"
        submitLabel={choice === 'none' ? 'Release' : 'Release and exempt'}
        onCancel={onClose}
      >
        <EntityValues entity={held.entity} />
        <FieldGroup path="exempt" label="What then">
          <RadioCards name="exempt" value={choice} options={options} onValue={setChoice} />
        </FieldGroup>
        {choice !== 'none' && (
          <Field path="exempt.note" label="Note" optional help="Why it is exempt.">
            {(control) => <TextInput {...control} value={form.values.note} onValue={(note) => form.set({ note })} />}
          </Field>
        )}
      </Form>
    </Dialog>
  )
}
