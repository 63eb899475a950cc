import { api, type Page, query } from '../../api/client.js'
import { usePages } from '../../api/pages.js'
import type { AuditRecord } from '../../api/types.js'
import { useQueryParameter, useTenant } from '../../app/place.js'
import { Card, PageLayout } from '../../design/card.js'
import { Empty } from '../../design/notice.js'
import { RelativeTime } from '../../design/relative-time.js'
import { type Column, DataTable } from '../../design/table.js'
import { LoadMore } from '../../parts/load-more.js'
import { EntryDialog } from './entry-dialog.js'
import { actionText, resourceName } from './wording.js'
import './audit.css'

const POLL_MS = 10_000

const COLUMNS: readonly Column<AuditRecord>[] = [
  {
    id: 'what',
    header: 'What',
    cell: (entry) => actionText(entry.action),
    note: (entry) => resourceName(entry),
  },
  { id: 'action', header: 'Action', wideOnly: true, cell: (entry) => <code class="muted">{entry.action}</code> },
  { id: 'who', header: 'Who', cell: (entry) => entry.actor.name },
  { id: 'via', header: 'By', wideOnly: true, cell: (entry) => entry.actor.via },
  {
    id: 'from',
    header: 'From',
    cell: (entry) => (entry.ip === null ? <span class="faint">–</span> : <code>{entry.ip}</code>),
  },
  { id: 'when', header: 'When', align: 'end', cell: (entry) => <RelativeTime at={entry.at} /> },
]

/** Every change: who, what, when, from where, before and after. */
export function AuditPage() {
  const { base, href } = useTenant()
  const [open, setOpen] = useQueryParameter('open', '')
  const path = `${base}/audit`
  const pages = usePages<Page<AuditRecord>>({
    key: path,
    load: (cursor) => api.get(`${path}${query({ cursor })}`),
    pollMs: POLL_MS,
  })
  const { first, more } = pages
  const entries = first.data && [...first.data.items, ...more.flatMap((page) => page.items)]
  const entry = entries?.find((one) => one.audit_id === open)
  return (
    <PageLayout
      title="Audit"
      lead="Every administrative change of this tenant. Each entry carries a hash of the one before, so nothing can be taken out unseen."
    >
      <Card>
        <DataTable
          label="Audit entries"
          rows={{ ...first, data: entries }}
          columns={COLUMNS}
          rowKey={(row) => row.audit_id}
          rowHref={(row) => href(`audit?open=${encodeURIComponent(row.audit_id)}`)}
          empty={<Empty title="Nothing has been changed yet">Every change from now on is listed here.</Empty>}
        />
        <LoadMore pages={pages} label="Show older entries" />
      </Card>
      {entry && <EntryDialog entry={entry} onClose={() => setOpen('')} />}
    </PageLayout>
  )
}
