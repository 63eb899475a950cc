import { isRecord } from '@esper/core'
import { Command } from 'commander'
import type { ApiRecord } from '../../clients/operator-client.js'
import { type Cli, describedCommand, onApiRun } from '../client/api-command.js'
import { countOf } from '../count.js'
import { type Column, cellText, field } from '../output/table.js'

interface ListFlags {
  readonly limit?: string
}

/** `esper audit`: who changed what. */
export function auditCommand(cli: Cli): Command {
  return new Command('audit').description('Who changed what, when and from where.').addCommand(listCommand(cli))
}

const COLUMNS: readonly Column[] = [
  ...[field('at'), { title: 'who', text: actorText }, field('action'), { title: 'what', text: subjectText }],
  field('ip', 'from'),
]

function listCommand(cli: Cli): Command {
  const command = describedCommand('list', {
    summary: 'Lists changes and refused attempts, newest first.',
    examples: ['esper audit list', 'esper audit list --limit 200 --output ndjson'],
  }).option('--limit <count>', 'how many; 50 unless given')
  return onApiRun<ListFlags>(cli, command, async ({ flags, session }) => {
    const path = `tenants/${await session.tenantId()}/audit`
    const limit = flags.limit === undefined ? 50 : countOf('--limit', flags.limit)
    await session.output.list((await session.client()).pages(path), {
      columns: COLUMNS,
      none: 'Nothing was changed.',
      limit,
    })
    return undefined
  })
}

function actorText({ actor }: ApiRecord): string {
  return isRecord(actor) ? `${cellText(actor.name)} (${cellText(actor.via)})` : '-'
}

/** What an entry is about: by its name where it has one. */
function subjectText({ resource_type: type, resource_id: id, before, after }: ApiRecord): string {
  const named = [after, before].find((side) => isRecord(side) && typeof side.name === 'string')
  return `${cellText(type)} ${isRecord(named) ? JSON.stringify(named.name) : cellText(id)}`
}
