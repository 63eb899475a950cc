import { isRecord } from '@esper/core'
import type { ApiRecord } from '../../clients/operator-client.js'
import { entityText } from '../events/entity-text.js'
import { type Column, cellText, field, tableText } from '../output/table.js'
import type { Terminal } from '../terminal.js'

const COUNTS = ['observe', 'challenge', 'block', 'enforced', 'cleared', 'shadowed', 'exempt', 'matched', 'not_captured']

const DECISIONS: readonly Column[] = [
  ...[field('observed_at', 'observed'), field('outcome'), field('enforced'), field('origin'), field('n', 'n', 'right')],
  { title: 'entity', text: ({ entity }) => entityText(entity) },
  ...[field('source_id', 'source'), field('event_id', 'event')],
]

/** What one policy did, for people: its counts, then its newest decisions. */
export function policyResultText(result: ApiRecord, terminal: Terminal): string {
  const { name, mode, from, to, decisions } = result
  const shown = Array.isArray(decisions) ? decisions.filter(isRecord) : []
  const counts = COUNTS.map(
    (count) => `  ${count.replaceAll('_', ' ').padEnd(14)}${cellText(result[`${count}_count`])}`,
  )
  const title = `${cellText(name)} (${cellText(mode)}) from ${cellText(from)} to ${cellText(to)}`
  const newest = shown.length === 0 ? 'It decided nothing in that time.' : tableText(terminal, DECISIONS, shown)
  return [title, ...counts, '', newest].join('\n')
}
