import type { StoredList } from '../../lists/store.js'
import { mitigationModel } from '../../mitigations/kind.js'
import type { TenantResources } from '../resources.js'
import { ID_FIELDS, REFERENCES, SECTIONS, type Section } from './references.js'
import { POLICY_SET_FORMAT } from './schema.js'

/** Everything of a tenant that a document holds, lists with their entries. */
export interface CurrentPolicySet extends Omit<TenantResources, 'lists'> {
  readonly lists: readonly StoredList[]
}

export type AnyRecord = CurrentPolicySet[keyof Omit<CurrentPolicySet, 'tenant'>][number]

export function recordsOf(current: CurrentPolicySet, section: Section): readonly AnyRecord[] {
  return current[section === 'entity_definitions' ? 'entityDefinitions' : section]
}

export function idOf(section: Section, record: object): string {
  return String(Reflect.get(record, ID_FIELDS[section]))
}

/** The document that would make a tenant what this one is. */
export function documentOf(current: CurrentPolicySet): Record<string, unknown> {
  const { enforcement, watch_fields, clear_cookies } = current.tenant
  const sections = SECTIONS.map((section) => [
    section,
    recordsOf(current, section).map((record) => itemOf(section, record, current)),
  ])
  return {
    esper: POLICY_SET_FORMAT,
    settings: { enforcement, watch_fields, clear_cookies },
    ...Object.fromEntries(sections),
  }
}

/** What the server keeps for itself. */
const NOT_WRITTEN = new Set(['tenant_id', 'created_at', 'updated_at', 'created_by', 'revision'])
const NOT_WRITTEN_OF_LISTS = new Set(['entry_count', 'sha256', 'bytes'])

/** A resource as the document writes it: what it refers to by name, and nothing that goes without saying. */
export function itemOf(section: Section, record: AnyRecord, current: CurrentPolicySet): Record<string, unknown> {
  const shown = 'mode' in record ? mitigationModel.show(record) : record
  const item: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(shown)) {
    if (NOT_WRITTEN.has(field) || field === ID_FIELDS[section]) continue
    if (section === 'lists' && NOT_WRITTEN_OF_LISTS.has(field)) continue
    const reference = REFERENCES[section].find(({ idField }) => idField === field)
    const name = reference?.field ?? field
    const written = reference === undefined ? value : namesOf(value, reference.to, current)
    if (!goesWithoutSaying(name, written)) item[name] = name === 'entries' ? value.map(entryOf) : written
  }
  return item
}

function namesOf(ids: unknown, to: Section, current: CurrentPolicySet): unknown {
  const nameOf = (id: unknown) => recordsOf(current, to).find((record) => idOf(to, record) === id)?.name ?? null
  if (ids === null) return null
  return Array.isArray(ids) ? ids.map(nameOf) : nameOf(ids)
}

/** What the schemas add where nothing is said. */
function goesWithoutSaying(field: string, value: unknown): boolean {
  if (value === null || (field === 'enabled' && value === true)) return true
  return (field === 'description' || field === 'note' || field === 'actions') && Object(value).length === 0
}

function entryOf({ value, note, expires_at }: { value: string; note: string; expires_at: string | null }): unknown {
  if (note === '' && expires_at === null) return value
  return { value, ...(note === '' ? {} : { note }), ...(expires_at === null ? {} : { expires_at }) }
}
