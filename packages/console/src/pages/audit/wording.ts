import type { AuditRecord } from '../../api/types.js'

const VERBS: Readonly<Record<string, string>> = {
  create: 'Created',
  update: 'Changed',
  delete: 'Deleted',
  revoke: 'Revoked',
  release: 'Released',
  upsert: 'Set',
  add: 'Added',
  remove: 'Removed',
}

/** `entity_definition.update` -> `Changed entity definition`; a refused attempt says so. */
export function actionText(action: string): string {
  const refused = action.endsWith('.refused')
  const [resource = '', verb = '', ...rest] = action.replace(/\.refused$/, '').split('.')
  const noun = resource.replaceAll('_', ' ').replace(/^api /, 'API ')
  const known = VERBS[verb]
  const text = known && rest.length === 0 ? `${known} ${noun}` : `${noun} ${[verb, ...rest].join(' ')}`.trim()
  const plain = text.charAt(0).toUpperCase() + text.slice(1)
  return refused ? `Refused: ${plain}` : plain
}

/** What the entry is about, by name where it has one. */
export function resourceName(entry: Pick<AuditRecord, 'before' | 'after' | 'resource_id'>): string {
  const name = entry.after?.name ?? entry.before?.name ?? entry.after?.email ?? entry.before?.email
  return typeof name === 'string' && name !== '' ? name : entry.resource_id
}
