import { useState } from 'preact/hooks'
import { api, query } from '../../api/client.js'
import { usePages } from '../../api/pages.js'
import { asApiError } from '../../api/problem.js'
import { invalidate } from '../../api/query.js'
import type { ListEntry, ListEntryPage, ListRecord } from '../../api/types.js'
import { useQueryParameter, useTenant } from '../../app/place.js'
import { Button } from '../../design/button.js'
import { Card } from '../../design/card.js'
import { CompactSelect } from '../../design/controls.js'
import { plural } from '../../design/format.js'
import { Icon } from '../../design/icons.js'
import { Empty } from '../../design/notice.js'
import { type Column, DataTable } from '../../design/table.js'
import { toast } from '../../design/toast.js'
import { Expiry, isOver } from '../../parts/expiry.js'
import { LoadMore } from '../../parts/load-more.js'
import { AddEntries } from './add-entries.js'
import './lists.css'

const STATES = [
  { value: '', label: 'All entries' },
  { value: 'live', label: 'Live' },
  { value: 'expired', label: 'Expired' },
] as const

const COLUMNS: readonly Column<ListEntry>[] = [
  { id: 'value', header: 'Value', cell: (entry) => <code class="entry-value">{entry.value}</code> },
  { id: 'note', header: 'Note', cell: (entry) => entry.note },
  { id: 'expires', header: 'Expires', align: 'end', cell: (entry) => <Expiry at={entry.expires_at} /> },
]

/** What is in a list: searched on the server, added and removed a few at a time. */
export function EntriesCard({ list }: { list: ListRecord }) {
  const { base, canEdit } = useTenant()
  const [search, setSearch] = useQueryParameter('q', '')
  const [state, setState] = useQueryParameter('state', '')
  const [adding, setAdding] = useState(false)
  const path = `${base}/lists/${encodeURIComponent(list.list_id)}/entries`
  const asked = { search: search.trim() || undefined, state: state || undefined }
  const pages = usePages<ListEntryPage>({
    key: `${path}${query(asked)}`,
    load: (cursor) => api.get(`${path}${query({ ...asked, cursor })}`),
  })
  const { first, more } = pages
  const changed = () => invalidate(`${base}/lists`)
  const remove = async (body: object, done: string) => {
    try {
      await api.post(`${path}/remove`, body)
      toast(done)
      changed()
    } catch (error) {
      toast(`Nothing was removed. ${asApiError(error).message}`, 'error')
    }
  }
  const removal: Column<ListEntry> = {
    id: 'remove',
    header: 'Remove',
    align: 'end',
    cell: ({ value }) => (
      <Button
        size="small"
        label={`Remove ${value}`}
        onClick={() => void remove({ values: [value] }, `Removed ${value}`)}
      >
        Remove
      </Button>
    ),
  }
  const add = canEdit && (
    <Button icon="plus" onClick={() => setAdding(true)}>
      Add entries
    </Button>
  )
  return (
    <Card title="Entries" aside={list.entry_count > 0 && add}>
      {(list.entry_count > 0 || search !== '' || state !== '') && (
        <Filter search={search} state={state} onSearch={setSearch} onState={setState} />
      )}
      <DataTable
        label="Entries"
        rows={{ ...first, data: first.data && [...first.data.items, ...more.flatMap((page) => page.items)] }}
        columns={canEdit ? [...COLUMNS, removal] : COLUMNS}
        rowKey={({ value }) => value}
        rowMuted={({ expires_at }) => isOver(expires_at)}
        empty={<NoEntries asked={search !== '' || state !== ''} add={add} />}
      />
      {first.data !== undefined && first.data.matching > 0 && (
        <p class="table-more muted" role="status">
          {plural(first.data.matching, 'entry', 'entries')}
          {state === 'expired' && canEdit && (
            <Button size="small" onClick={() => void remove({ expired: true }, 'Removed what had expired')}>
              Remove all expired
            </Button>
          )}
        </p>
      )}
      <LoadMore pages={pages} label="Show more" />
      {adding && (
        <AddEntries
          path={path}
          before={list.entry_count}
          onClose={() => setAdding(false)}
          onDone={() => {
            setAdding(false)
            changed()
          }}
        />
      )}
    </Card>
  )
}

interface FilterProps {
  readonly search: string
  readonly state: string
  readonly onSearch: (search: string) => void
  readonly onState: (state: string) => void
}

function Filter({ search, state, onSearch, onState }: FilterProps) {
  return (
    <div class="filter">
      <Icon name="search" />
      <input
        type="search"
        class="filter-input"
        aria-label="Search entries"
        placeholder="Part of a value or note, or an address in a range"
        value={search}
        onInput={(event) => onSearch(event.currentTarget.value)}
      />
      <CompactSelect label="State" value={state} options={STATES} onValue={onState} />
    </div>
  )
}

function NoEntries({ asked, add }: { asked: boolean; add: preact.ComponentChildren }) {
  if (asked) return <Empty title="Nothing matches">Change or clear the search to see the other entries.</Empty>
  return (
    <Empty title="Nothing is in this list" action={add}>
      Paste addresses, ranges or other values, one a line. Each may have a note and a time it expires at.
    </Empty>
  )
}
