import type { FieldRecord } from '../api/types.js'

/** What is typed of a family of fields before its own name: `query_<name>` -> `query_`. */
export function stemOf(name: string): string {
  return name.split('<')[0] ?? name
}

const MAPS: readonly FieldRecord['type'][] = ['map', 'any']

/** What a picked field leaves to type: the rest of a family's or of a map's name, or nothing. */
export function unfinished(field: Pick<FieldRecord, 'name' | 'type'>): string | undefined {
  const stem = stemOf(field.name)
  if (stem !== field.name) return stem
  return MAPS.includes(field.type) ? `${field.name}.` : undefined
}
