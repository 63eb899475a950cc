import { api } from '../../api/client.js'
import type { ListRecord } from '../../api/types.js'
import { TextInput } from '../../design/controls.js'
import { Dialog } from '../../design/dialog.js'
import { Field, Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { plural } from '../../design/format.js'
import { toast } from '../../design/toast.js'
import { ExpiryField } from '../../parts/expiry-field.js'
import { EntriesField } from './entries-field.js'
import { parseEntries } from './parse-entries.js'
import { atLines, entriesToSend } from './sent-entries.js'

interface AddEntriesProps {
  /** Of the list's entries, in the API. */
  readonly path: string
  readonly before: number
  readonly onDone: () => void
  readonly onClose: () => void
}

/** Adds entries to a list, with a note and an expiry for those that have none of their own. */
export function AddEntries({ path, before, onDone, onClose }: AddEntriesProps) {
  const form = useForm({
    initial: { text: '', note: '', expires_at: '' },
    save: async ({ text, note, expires_at }) => {
      const read = parseEntries(text)
      const entries = entriesToSend(read).map((entry) => ({
        ...(note === '' ? {} : { note }),
        ...(expires_at === '' ? {} : { expires_at }),
        ...(typeof entry === 'string' ? { value: entry } : entry),
      }))
      const list = await api.post<ListRecord>(path, { entries }).catch((error: unknown) => {
        throw atLines(error, read.entries)
      })
      const added = list.entry_count - before
      toast(`Added ${plural(added, 'entry', 'entries')}${added < entries.length ? '; the others were there' : ''}`)
      onDone()
    },
  })
  return (
    <Dialog title="Add entries" kind="wide" onClose={onClose} dismissible={!form.dirty}>
      <Form form={form} label="Add entries" submitLabel="Add entries" onCancel={onClose}>
        <EntriesField text={form.values.text} onText={(text) => form.set({ text })} />
        <Field path="note" label="Note" optional help="For entries without a note of their own.">
          {(control) => <TextInput {...control} value={form.values.note} onValue={(note) => form.set({ note })} />}
        </Field>
        <ExpiryField
          path="expires_at"
          label="Expires"
          help="For entries without a time of their own."
          value={form.values.expires_at}
          onValue={(expires_at) => form.set({ expires_at })}
        />
      </Form>
    </Dialog>
  )
}
