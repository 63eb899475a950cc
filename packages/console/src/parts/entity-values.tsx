import type { DecisionItem } from '../api/types.js'

/** Who it was: the key fields with their values, redacted ones as their hash. */
export function EntityValues({ entity }: { entity: DecisionItem['entity'] }) {
  if (entity === null) return <span class="muted">All requests it matches</span>
  return (
    <span class="entity">
      {entity.map(([field, value]) => (
        <span key={field}>
          <small class="faint">{field}</small> {value === null ? <em class="muted">missing</em> : <code>{value}</code>}
        </span>
      ))}
    </span>
  )
}
