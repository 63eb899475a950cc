import { useCollection } from '../../api/resources.js'
import type { ExemptionRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { PageLayout } from '../../design/card.js'
import { Empty } from '../../design/notice.js'
import { EnabledPill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import type { Column } from '../../design/table.js'
import { Expiry, isOver } from '../../parts/expiry.js'
import { ResourceList } from '../policies/resource-list.js'

/** Whom no policy concerns. */
export function ExemptionsPage() {
  const { base, href, canRelease } = useTenant()
  const exemptions = useCollection(base, 'exemptions')
  const lists = useCollection(base, 'lists').data
  const listName = (id: string) => lists?.find(({ list_id }) => list_id === id)?.name ?? id
  const create = (label: string) => (
    <LinkButton kind="primary" icon="plus" href={href('exemptions/new')}>
      {label}
    </LinkButton>
  )
  const columns: readonly Column<ExemptionRecord>[] = [
    {
      id: 'name',
      header: 'Exemption',
      cell: (exemption) => exemption.name,
      note: (exemption) => exemption.note,
      sortBy: (exemption) => exemption.name,
    },
    {
      id: 'whom',
      header: 'Whom',
      wideOnly: true,
      cell: ({ expression, list_id }) => (
        <>
          {list_id !== null && <span>On list {listName(list_id)}</span>}
          {list_id !== null && expression !== null && <span class="muted"> and </span>}
          {expression !== null && <code class="expression-line">{expression}</code>}
        </>
      ),
    },
    {
      id: 'expires',
      header: 'Expires',
      align: 'end',
      cell: (exemption) => <Expiry at={exemption.expires_at} />,
      sortBy: ({ expires_at }) => (expires_at === null ? Number.MAX_SAFE_INTEGER : Date.parse(expires_at)),
    },
    { id: 'enabled', header: 'State', cell: (exemption) => <EnabledPill enabled={exemption.enabled} /> },
    {
      id: 'by',
      header: 'Created by',
      align: 'end',
      wideOnly: true,
      cell: ({ created_by }) => created_by.name,
      note: ({ created_at }) => <RelativeTime at={created_at} />,
    },
  ]
  return (
    <PageLayout
      title="Exemptions"
      lead="Whoever an exemption is about passes every policy and counts in no window. Results show what would have happened."
      actions={canRelease && create('Create exemption')}
    >
      <ResourceList
        label="Exemptions"
        rows={exemptions}
        columns={columns}
        rowKey={(exemption) => exemption.exemption_id}
        rowHref={(exemption) => href(`exemptions/${exemption.exemption_id}`)}
        rowMuted={(exemption) => !exemption.enabled || isOver(exemption.expires_at)}
        textOf={({ name, note, expression }) => `${name} ${note} ${expression ?? ''}`}
        empty={
          <Empty title="Nobody is exempt" action={canRelease && create('Create the first exemption')}>
            Exempt your own monitoring, an office or a partner: by an expression, by a list, for a while or for good.
            Whom you release from an active mitigation you can exempt there and then.
          </Empty>
        }
      />
    </PageLayout>
  )
}
