import { useCollection } from '../../api/resources.js'
import type { ListRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { PageLayout } from '../../design/card.js'
import { formatNumber } from '../../design/format.js'
import { Empty } from '../../design/notice.js'
import { EnabledPill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import type { Column } from '../../design/table.js'
import { ResourceList } from '../policies/resource-list.js'

const COLUMNS: readonly Column<ListRecord>[] = [
  {
    id: 'name',
    header: 'List',
    cell: (list) => list.name,
    note: (list) => list.description,
    sortBy: (list) => list.name,
  },
  {
    id: 'entries',
    header: 'Entries',
    align: 'end',
    cell: (list) => formatNumber(list.entry_count),
    sortBy: (list) => list.entry_count,
  },
  { id: 'enabled', header: 'State', cell: (list) => <EnabledPill enabled={list.enabled} /> },
  {
    id: 'updated',
    header: 'Changed',
    align: 'end',
    cell: (list) => <RelativeTime at={list.updated_at} />,
    sortBy: (list) => Date.parse(list.updated_at),
  },
]

/** Values that expressions look up by the name of their list. */
export function ListsPage() {
  const { base, href, canEdit } = useTenant()
  const lists = useCollection(base, 'lists')
  const create = (label: string) => (
    <LinkButton kind="primary" icon="plus" href={href('lists/new')}>
      {label}
    </LinkButton>
  )
  return (
    <PageLayout
      title="Lists"
      lead="A list holds addresses, ranges or other values that expressions look up by its name. Every SDK has what is in it within seconds."
      actions={canEdit && create('Create list')}
    >
      <ResourceList
        label="Lists"
        rows={lists}
        columns={COLUMNS}
        rowKey={(list) => list.list_id}
        rowHref={(list) => href(`lists/${list.list_id}`)}
        rowMuted={(list) => !list.enabled}
        textOf={(list) => `${list.name} ${list.description}`}
        empty={
          <Empty title="No lists yet" action={canEdit && create('Create the first list')}>
            Keep addresses, ranges or user ids in a list, up to 100,000 of them, and ask for it in an expression:{' '}
            <code>$in_list(client_ip, "known attackers")</code>.
          </Empty>
        }
      />
    </PageLayout>
  )
}
