import { useCollection } from '../../api/resources.js'
import type { EntityDefinitionRecord } from '../../api/types.js'
import { useTenant } from '../../app/place.js'
import { LinkButton } from '../../design/button.js'
import { Empty } from '../../design/notice.js'
import { EnabledPill } from '../../design/pill.js'
import { RelativeTime } from '../../design/relative-time.js'
import type { Column } from '../../design/table.js'
import { ResourceList } from './resource-list.js'
import { policiesUsing } from './usage.js'

export function EntityList() {
  const { base, href, canEdit } = useTenant()
  const entities = useCollection(base, 'entity-definitions')
  const policies = useCollection(base, 'policies')
  const usedBy = (entity: EntityDefinitionRecord) => policiesUsing(policies.data, entity.entity_definition_id).length
  const columns: readonly Column<EntityDefinitionRecord>[] = [
    {
      id: 'name',
      header: 'Entity',
      cell: (entity) => entity.name,
      note: (entity) => entity.description,
      sortBy: (entity) => entity.name,
    },
    { id: 'key', header: 'Key fields', cell: (entity) => <KeyFields entity={entity} /> },
    { id: 'used', header: 'Policies', align: 'end', cell: usedBy, sortBy: usedBy },
    { id: 'enabled', header: 'State', cell: (entity) => <EnabledPill enabled={entity.enabled} /> },
    {
      id: 'updated',
      header: 'Changed',
      align: 'end',
      cell: (entity) => <RelativeTime at={entity.updated_at} />,
      sortBy: (entity) => Date.parse(entity.updated_at),
    },
  ]
  return (
    <ResourceList
      label="Entities"
      rows={entities}
      columns={columns}
      rowKey={(entity) => entity.entity_definition_id}
      rowHref={(entity) => href(`policies/entities/${entity.entity_definition_id}`)}
      rowMuted={(entity) => !entity.enabled}
      textOf={(entity) => `${entity.name} ${entity.description} ${entity.key_fields.join(' ')}`}
      empty={
        <Empty
          title="No entities"
          action={
            canEdit && (
              <LinkButton kind="primary" href={href('policies/entities/new')}>
                Create the first entity
              </LinkButton>
            )
          }
        >
          Say who is counted, for example one address with one user agent, or one account.
        </Empty>
      }
    />
  )
}

function KeyFields({ entity }: { entity: EntityDefinitionRecord }) {
  return (
    <span>
      <code>{entity.key_fields.join(' + ')}</code>
      {entity.match_expression !== null && <small class="faint"> where a match expression is true</small>}
    </span>
  )
}
