/** Whom an entity is, for people: the values of its key fields. */
export function entityText(entity: unknown): string {
  if (!Array.isArray(entity)) return 'everybody'
  return entity.map((pair: unknown) => (Array.isArray(pair) ? `${pair[0]}=${pair[1] ?? '(missing)'}` : '')).join(' ')
}
