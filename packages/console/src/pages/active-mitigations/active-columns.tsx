import type { ActiveMitigationRecord, MitigationMode } from '../../api/types.js'
import { ModePill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import type { Column } from '../../design/table.js'
import { EntityValues } from '../../parts/entity-values.js'
import '../results/results.css'

interface Names {
  readonly policyName: (policyId: string) => string
  readonly mode: (mitigationId: string) => MitigationMode | undefined
}

/** `tenant` is all internal and trusted sources together; else the one external source. */
function scopeText(scope: string): string {
  return scope === 'tenant' ? 'All own sources' : scope.replace(/^source:/, 'Source ')
}

export function activeColumns({ policyName, mode }: Names): readonly Column<ActiveMitigationRecord>[] {
  return [
    { id: 'entity', header: 'Entity', cell: (held) => <EntityValues entity={held.entity} /> },
    { id: 'policy', header: 'Policy', cell: (held) => policyName(held.policy_id) },
    {
      id: 'mode',
      header: 'Mode',
      cell: (held) => {
        const current = mode(held.mitigation_id)
        return current && <ModePill mode={current} />
      },
    },
    { id: 'scope', header: 'Counts for', wideOnly: true, cell: (held) => scopeText(held.counting_scope) },
    { id: 'since', header: 'Since', align: 'end', cell: (held) => <RelativeTime at={held.since} /> },
    { id: 'until', header: 'Ends', align: 'end', cell: (held) => <RelativeTime at={held.expires_at} /> },
  ]
}
