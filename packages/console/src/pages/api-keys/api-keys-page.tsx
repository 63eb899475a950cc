import { useCollection } from '../../api/resources.js'
import type { ApiKeyRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { Card, PageLayout } from '../../design/card.js'
import { CopyId } from '../../design/copy.js'
import { Empty } from '../../design/notice.js'
import { RelativeTime } from '../../design/relative-time.js'
import { type Column, DataTable } from '../../design/table.js'

const COLUMNS: readonly Column<ApiKeyRecord>[] = [
  { id: 'name', header: 'Name', cell: (key) => key.name, sortBy: (key) => key.name },
  { id: 'source', header: 'Source ID', cell: (key) => <code>{key.source_id}</code>, sortBy: (key) => key.source_id },
  { id: 'trust', header: 'Trust level', cell: (key) => key.trust_level, sortBy: (key) => key.trust_level },
  { id: 'key_id', header: 'Key ID', cell: (key) => <CopyId id={key.key_id} what="key ID" /> },
  {
    id: 'used',
    header: 'Last used',
    align: 'end',
    cell: (key) => (key.last_used_at ? <RelativeTime at={key.last_used_at} /> : <span class="muted">Never</span>),
    sortBy: (key) => (key.last_used_at ? Date.parse(key.last_used_at) : 0),
  },
  {
    id: 'created',
    header: 'Created',
    align: 'end',
    cell: (key) => <RelativeTime at={key.created_at} />,
    sortBy: (key) => Date.parse(key.created_at),
  },
]

/** Who may send events and receive policies: one key an application. */
export function ApiKeysPage() {
  const { base, href, canEdit } = useTenant()
  const keys = useCollection(base, 'api-keys')
  const create = (
    <LinkButton kind="primary" icon="plus" href={href('api-keys/new')}>
      Create API key
    </LinkButton>
  )
  return (
    <PageLayout
      title="API keys"
      lead="Your application signs its events with a key. Several keys may speak for one source, for example while you change them."
      actions={canEdit && create}
    >
      <Card>
        <DataTable
          label="API keys"
          rows={keys}
          columns={COLUMNS}
          rowKey={(key) => key.api_key_id}
          rowHref={(key) => href(`api-keys/${key.api_key_id}`)}
          empty={
            <Empty title="No API keys yet" action={canEdit && create}>
              An application needs one to send events and to receive your policies. Its secret is shown once, when you
              create it.
            </Empty>
          }
        />
      </Card>
    </PageLayout>
  )
}
