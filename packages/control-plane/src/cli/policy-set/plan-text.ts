import { NOUNS } from '../../server/policy-set/document/references.js'
import type { PolicySetChange } from '../../server/policy-set/document/schema.js'
import { paintFor } from '../output/colours.js'
import type { Terminal } from '../terminal.js'

const MARKS = { create: ['+', 'green'], update: ['~', 'yellow'], delete: ['-', 'red'] } as const

/** The changes for people, a line each, with the fields that differ under them. */
export function planText(changes: readonly PolicySetChange[], { stdout, env }: Terminal): string {
  if (changes.length === 0) return 'Nothing to change.'
  const paint = paintFor(stdout, env)
  const lines = changes.flatMap(({ section, verb, name, fields }) => {
    const [mark, style] = MARKS[verb]
    const what = section === 'settings' ? 'settings' : `${NOUNS[section]} "${name}"`
    const differing = fields.map(({ field, before, after }) => {
      return `    ${field}: ${paint('red', valueText(before))} -> ${paint('green', valueText(after))}`
    })
    return [paint(style, `${mark} ${what}`), ...differing]
  })
  return [...lines, '', summaryText(changes)].join('\n')
}

export function summaryText(changes: readonly PolicySetChange[]): string {
  const count = (wanted: PolicySetChange['verb']) => changes.filter(({ verb }) => verb === wanted).length
  return `${count('create')} to create, ${count('update')} to change, ${count('delete')} to delete.`
}

function valueText(value: unknown): string {
  return value === null ? '(none)' : JSON.stringify(value)
}
