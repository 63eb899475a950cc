import { type FieldValue, fieldPath, LIMITS, parseAddressRange, pathSource } from '@esper/core'
import type { StoredMitigation } from '../../contract/mitigation.js'

export type EntityExpression =
  | { readonly ok: true; readonly expression: string }
  /** `whole_policy`: it holds everybody; `not_expressible`: its key cannot be written down. */
  | { readonly ok: false; readonly reason: 'whole_policy' | 'not_expressible' }

type Held = Pick<StoredMitigation, 'counting_scope' | 'entity' | 'entity_values'>

/** The expression that is true for the requests of exactly the entity an active mitigation holds. */
export function entityExpression({ counting_scope, entity, entity_values: values }: Held): EntityExpression {
  if (entity === undefined) return { ok: false, reason: 'whole_policy' }
  const pairs: readonly (readonly [string, FieldValue])[] = values === undefined ? [] : JSON.parse(values)
  const clauses = pairs.map(([field, value]) => clauseOf(pathSource(fieldPath(field)), value))
  if (clauses.length === 0 || clauses.includes(undefined)) return { ok: false, reason: 'not_expressible' }
  const expression = [...clauses, scopeClause(counting_scope)].join(' and ')
  const fits = Buffer.byteLength(expression) <= LIMITS.expressionBytes
  return fits ? { ok: true, expression } : { ok: false, reason: 'not_expressible' }
}

function clauseOf(field: string, value: FieldValue): string | undefined {
  if (value === null) return `$not($exists(${field}))`
  if (typeof value === 'string' && isNetwork(value)) return `$cidr(${field}, ${JSON.stringify(value)})`
  const literal = literalOf(value)
  return literal === undefined ? undefined : `${field} = ${literal}`
}

/** IPv6 addresses are held by their network. */
function isNetwork(value: string): boolean {
  return value.endsWith('/64') && parseAddressRange(value) !== undefined
}

/** Objects have no literal in the language. */
function literalOf(value: FieldValue): string | undefined {
  if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? undefined : JSON.stringify(value)
  const items = value.map(literalOf)
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`
}

/** The same client of a source that counts alone is another entity. */
function scopeClause(scope: StoredMitigation['counting_scope']): string {
  if (scope === 'tenant') return 'trust_level != "External"'
  return `source_id = ${JSON.stringify(scope.slice('source:'.length))}`
}
