import { useCollection } from '../../api/resources.js'
import type { ActionRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { Empty } from '../../design/notice.js'
import { EnabledPill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import type { Column } from '../../design/table.js'
import { ResourceList } from './resource-list.js'
import { policiesUsing } from './usage.js'

export function ActionList() {
  const { base, href, canEdit } = useTenant()
  const actions = useCollection(base, 'actions')
  const policies = useCollection(base, 'policies')
  const usedBy = (action: ActionRecord) => policiesUsing(policies.data, action.action_id).length
  const columns: readonly Column<ActionRecord>[] = [
    {
      id: 'name',
      header: 'Action',
      cell: (action) => action.name,
      note: (action) => action.description,
      sortBy: (action) => action.name,
    },
    {
      id: 'expression',
      header: 'Expression',
      wideOnly: true,
      cell: (action) => <code class="expression-line">{action.expression}</code>,
    },
    { id: 'used', header: 'Policies', align: 'end', cell: usedBy, sortBy: usedBy },
    { id: 'enabled', header: 'State', cell: (action) => <EnabledPill enabled={action.enabled} /> },
    {
      id: 'updated',
      header: 'Changed',
      align: 'end',
      cell: (action) => <RelativeTime at={action.updated_at} />,
      sortBy: (action) => Date.parse(action.updated_at),
    },
  ]
  return (
    <ResourceList
      label="Actions"
      rows={actions}
      columns={columns}
      rowKey={(action) => action.action_id}
      rowHref={(action) => href(`policies/actions/${action.action_id}`)}
      rowMuted={(action) => !action.enabled}
      textOf={(action) => `${action.name} ${action.description} ${action.expression}`}
      empty={
        <Empty
          title="No actions yet"
          action={
            canEdit && (
              <LinkButton kind="primary" href={href('policies/actions/new')}>
                Create the first action
              </LinkButton>
            )
          }
        >
          Name what visitors do, for example <code>login</code>: a POST to <code>/login</code>. Policies then say what
          happens to logins, and you never repeat the path.
        </Empty>
      }
    />
  )
}
