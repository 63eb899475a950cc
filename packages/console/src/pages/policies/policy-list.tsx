import { useCollection } from '../../api/resources.js'
import type { MitigationRecord, PolicyRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { Empty } from '../../design/notice.js'
import { EnabledPill, ModePill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import type { Column } from '../../design/table.js'
import { usePolicyNames } from './policy-names.js'
import { ResourceList } from './resource-list.js'

export function PolicyList() {
  const { base, href, canEdit } = useTenant()
  const policies = useCollection(base, 'policies')
  const mitigations = useCollection(base, 'mitigations')
  const noteOf = usePolicyNames(base)
  const mitigationOf = (policy: PolicyRecord) =>
    mitigations.data?.find((one) => one.mitigation_id === policy.mitigation_id)
  const columns: readonly Column<PolicyRecord>[] = [
    {
      id: 'name',
      header: 'Policy',
      cell: (policy) => policy.name,
      note: (policy) => noteOf(policy),
      sortBy: (policy) => policy.name,
    },
    { id: 'mitigation', header: 'Mitigation', cell: (policy) => <Mitigation mitigation={mitigationOf(policy)} /> },
    {
      id: 'priority',
      header: 'Priority',
      meaning: 'Lower is looked at first',
      align: 'end',
      cell: (policy) => policy.priority,
      sortBy: (policy) => policy.priority,
    },
    { id: 'enabled', header: 'State', cell: (policy) => <EnabledPill enabled={policy.enabled} /> },
    {
      id: 'revision',
      header: 'Revision',
      align: 'end',
      wideOnly: true,
      cell: (policy) => policy.revision,
    },
    {
      id: 'updated',
      header: 'Changed',
      align: 'end',
      cell: (policy) => <RelativeTime at={policy.updated_at} />,
      sortBy: (policy) => Date.parse(policy.updated_at),
    },
  ]
  return (
    <ResourceList
      label="Policies"
      rows={policies}
      columns={columns}
      rowKey={(policy) => policy.policy_id}
      rowHref={(policy) => href(`policies/policies/${policy.policy_id}`)}
      rowMuted={(policy) => !policy.enabled}
      textOf={(policy) => `${policy.name} ${policy.description} ${policy.expression} ${noteOf(policy)}`}
      empty={
        <Empty
          title="No policies yet"
          action={
            canEdit && (
              <LinkButton kind="primary" href={href('policies/policies/new')}>
                Create the first policy
              </LinkButton>
            )
          }
        >
          For example: an action <code>login</code>, counted per address, at least 5 in 60 seconds, observed by a
          mitigation in mode Monitor.
        </Empty>
      }
    />
  )
}

function Mitigation({ mitigation }: { mitigation: MitigationRecord | undefined }) {
  if (!mitigation) return <span class="muted">None: it observes</span>
  return (
    <span class="cluster">
      <ModePill mode={mitigation.mode} />
      <span class="muted">{mitigation.name}</span>
    </span>
  )
}
