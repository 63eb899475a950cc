/** The four tabs, in the order in which a newcomer needs them. */
export const KINDS = [
  { id: 'actions', collection: 'actions', label: 'Actions', noun: 'action' },
  { id: 'entities', collection: 'entity-definitions', label: 'Entities', noun: 'entity' },
  { id: 'mitigation', collection: 'mitigations', label: 'Mitigation', noun: 'mitigation' },
  { id: 'policies', collection: 'policies', label: 'Policies', noun: 'policy' },
] as const

export type Kind = (typeof KINDS)[number]
export type KindId = Kind['id']

export function findKind(id: string | undefined): Kind | undefined {
  return KINDS.find((kind) => kind.id === id)
}
