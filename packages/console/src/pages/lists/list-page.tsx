import { useRoute } from 'preact-iso'
import { getAll } from '../../api/client.js'
import { useFreshQuery } from '../../api/query.js'
import type { ListRecord } from '../../api/types.js'
import { NotFound } from '../../app/not-found.js'
import { useTenant } from '../../app/place.js'
import { Card, PageLayout } from '../../design/card.js'
import { CopyId } from '../../design/copy.js'
import { ErrorNotice, Notice, Skeleton } from '../../design/notice.js'
import { RelativeTime } from '../../design/relative-time.js'
import { EntriesCard } from './entries-card.js'
import { ListSettings } from './list-settings.js'
import { ListUsers, useListUsers } from './list-users.js'

/** One list: what is in it, what needs it, and its settings. */
export function ListPage() {
  const { params } = useRoute()
  const { base } = useTenant()
  // From among the others: by itself a list answers with every entry in it.
  const lists = useFreshQuery(`${base}/lists`, () => getAll<ListRecord>(`${base}/lists`))
  const record = lists.data?.find(({ list_id }) => list_id === params.id)
  if (record !== undefined) return <Loaded key={params.id} record={record} />
  if (lists.data !== undefined) return <NotFound />
  return (
    <PageLayout title="List">
      {lists.error ? (
        <ErrorNotice what="The list could not be loaded" error={lists.error} onRetry={lists.reload} />
      ) : (
        <Card>
          <Skeleton lines={8} />
        </Card>
      )}
    </PageLayout>
  )
}

function Loaded({ record }: { record: ListRecord }) {
  const { canEdit } = useTenant()
  const users = useListUsers(record.list_id)
  return (
    <PageLayout
      title={record.name}
      lead={
        <>
          <CopyId id={record.list_id} /> · changed <RelativeTime at={record.updated_at} />
        </>
      }
    >
      {!canEdit && <Notice tone="info">Your role lets you look at this list, not change it.</Notice>}
      <ListUsers users={users.data} />
      <EntriesCard list={record} />
      <ListSettings list={record} users={users.data} />
    </PageLayout>
  )
}
