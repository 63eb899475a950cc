import { getAll } from './client.js'
import { type Query, useQuery } from './query.js'
import type {
  ActionRecord,
  ApiKeyRecord,
  EntityDefinitionRecord,
  ExemptionRecord,
  FieldRecord,
  FunctionRecord,
  ListRecord,
  MembershipRecord,
  MitigationRecord,
  PolicyRecord,
  SourceRecord,
} from './types.js'

/** What each collection of a tenant holds. */
interface Collections {
  readonly actions: ActionRecord
  readonly 'api-keys': ApiKeyRecord
  readonly 'entity-definitions': EntityDefinitionRecord
  readonly exemptions: ExemptionRecord
  readonly fields: FieldRecord
  readonly functions: FunctionRecord
  readonly lists: ListRecord
  readonly memberships: MembershipRecord
  readonly mitigations: MitigationRecord
  readonly policies: PolicyRecord
  readonly sources: SourceRecord
}

/** A whole collection of a tenant, kept under its path. `base` is `/tenants/{tenant_id}`. */
export function useCollection<Name extends keyof Collections>(
  base: string,
  name: Name,
): Query<readonly Collections[Name][]> {
  const path = `${base}/${name}`
  return useQuery(path, () => getAll<Collections[Name]>(path))
}
