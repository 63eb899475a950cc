import { useLocation } from 'preact-iso'
import { api } from '../../api/client.js'
import { invalidate } from '../../api/query.js'
import type { ListRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { PageLayout } from '../../design/card.js'
import { Form } from '../../design/form.js'
import { useForm } from '../../design/form-state.js'
import { Notice } from '../../design/notice.js'
import { toast } from '../../design/toast.js'
import { EnabledField, NameAndDescription } from '../policies/basics.js'
import { EntriesField } from './entries-field.js'
import { parseEntries } from './parse-entries.js'
import { atLines, entriesToSend } from './sent-entries.js'

const INITIAL = { name: '', description: '', enabled: true, text: '' }

export function NewListPage() {
  const { base, href, canEdit } = useTenant()
  const { route } = useLocation()
  const form = useForm({
    initial: INITIAL,
    save: async ({ text, ...values }) => {
      const read = parseEntries(text)
      const entries = entriesToSend(read)
      const created = await api.post<ListRecord>(`${base}/lists`, { ...values, entries }).catch((error: unknown) => {
        throw atLines(error, read.entries)
      })
      toast(`Created list ${values.name}`)
      invalidate(base)
      route(href(`lists/${created.list_id}`))
    },
  })
  return (
    <PageLayout title="Create list" lead="Addresses, ranges or other values, up to 100,000 of them.">
      {!canEdit && <Notice tone="info">Your role does not let you create lists.</Notice>}
      <section class="card">
        <Form form={form} label="Create list" submitLabel="Create list" cancelHref={href('lists')} readOnly={!canEdit}>
          <NameAndDescription form={form} placeholder="known attackers" help="Expressions name it by this." />
          <EntriesField text={form.values.text} onText={(text) => form.set({ text })} optional />
          <EnabledField form={form} note="Only an enabled list can be looked up." />
        </Form>
      </section>
    </PageLayout>
  )
}
