/** The kinds of resources that a policy set is written in, one list a kind. */
export const SECTIONS = ['lists', 'actions', 'entity_definitions', 'mitigations', 'policies', 'exemptions'] as const
export type Section = (typeof SECTIONS)[number]

/** The field that holds the id of a resource. */
export const ID_FIELDS = {
  lists: 'list_id',
  actions: 'action_id',
  entity_definitions: 'entity_definition_id',
  mitigations: 'mitigation_id',
  policies: 'policy_id',
  exemptions: 'exemption_id',
} as const satisfies Readonly<Record<Section, string>>

/** As people call one of them. */
export const NOUNS: Readonly<Record<Section, string>> = {
  lists: 'list',
  actions: 'action',
  entity_definitions: 'entity definition',
  mitigations: 'mitigation',
  policies: 'policy',
  exemptions: 'exemption',
}

/** A field that names other resources: by name in documents, by id in the API. */
export interface Reference {
  /** In documents, for example `mitigation`. */
  readonly field: string
  /** In the API, for example `mitigation_id`. */
  readonly idField: string
  readonly to: Section
  readonly many: boolean
}

export const REFERENCES: Readonly<Record<Section, readonly Reference[]>> = {
  lists: [],
  actions: [],
  entity_definitions: [],
  mitigations: [],
  policies: [
    { field: 'actions', idField: 'action_ids', to: 'actions', many: true },
    { field: 'entity_definition', idField: 'entity_definition_id', to: 'entity_definitions', many: false },
    { field: 'mitigation', idField: 'mitigation_id', to: 'mitigations', many: false },
  ],
  exemptions: [{ field: 'list', idField: 'list_id', to: 'lists', many: false }],
}

/** A path in the API's words, in the words of the document: `action_ids.0` is `actions.0`. */
export function documentPath(path: string, section: Section): string {
  const [first = '', ...rest] = path.split('.')
  const reference = REFERENCES[section].find(({ idField }) => idField === first)
  return [reference?.field ?? first, ...rest].join('.')
}
