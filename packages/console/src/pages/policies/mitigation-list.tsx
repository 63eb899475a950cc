import { useCollection } from '../../api/resources.js'
import type { MitigationRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { formatDuration } from '../../design/format.js'
import { Empty } from '../../design/notice.js'
import { EnabledPill, ModePill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import type { Column } from '../../design/table.js'
import { ResourceList } from './resource-list.js'
import { policiesUsing } from './usage.js'

export function MitigationList() {
  const { base, href, canEdit } = useTenant()
  const mitigations = useCollection(base, 'mitigations')
  const policies = useCollection(base, 'policies')
  const usedBy = (mitigation: MitigationRecord) => policiesUsing(policies.data, mitigation.mitigation_id).length
  const columns: readonly Column<MitigationRecord>[] = [
    {
      id: 'name',
      header: 'Mitigation',
      cell: (mitigation) => mitigation.name,
      note: (mitigation) => mitigation.description,
      sortBy: (mitigation) => mitigation.name,
    },
    {
      id: 'mode',
      header: 'Mode',
      cell: (mitigation) => <ModePill mode={mitigation.mode} />,
      sortBy: (mitigation) => mitigation.mode,
    },
    {
      id: 'duration',
      header: 'Holds for',
      cell: (mitigation) => formatDuration(mitigation.duration_seconds),
      sortBy: (mitigation) => mitigation.duration_seconds,
    },
    {
      id: 'scope',
      header: 'Scope',
      wideOnly: true,
      cell: (mitigation) => (mitigation.scope === 'entity' ? 'Whole entity' : 'Policy'),
    },
    { id: 'used', header: 'Policies', align: 'end', cell: usedBy, sortBy: usedBy },
    { id: 'enabled', header: 'State', cell: (mitigation) => <EnabledPill enabled={mitigation.enabled} /> },
    {
      id: 'updated',
      header: 'Changed',
      align: 'end',
      cell: (mitigation) => <RelativeTime at={mitigation.updated_at} />,
      sortBy: (mitigation) => Date.parse(mitigation.updated_at),
    },
  ]
  return (
    <ResourceList
      label="Mitigations"
      rows={mitigations}
      columns={columns}
      rowKey={(mitigation) => mitigation.mitigation_id}
      rowHref={(mitigation) => href(`policies/mitigation/${mitigation.mitigation_id}`)}
      rowMuted={(mitigation) => !mitigation.enabled}
      textOf={(mitigation) => `${mitigation.name} ${mitigation.description} ${mitigation.mode}`}
      empty={
        <Empty
          title="No mitigations yet"
          action={
            canEdit && (
              <LinkButton kind="primary" href={href('policies/mitigation/new')}>
                Create the first mitigation
              </LinkButton>
            )
          }
        >
          Start with one in mode Monitor: it counts what would have happened and stops nobody. Turn it to Challenge or
          Block when Results look right.
        </Empty>
      }
    />
  )
}
