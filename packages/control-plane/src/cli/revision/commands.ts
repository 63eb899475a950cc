import { Command } from 'commander'
import { type Cli, describedCommand, onApiRun, type Session } from '../client/api-command.js'
import { confirm } from '../confirm.js'
import { countOf } from '../count.js'
import { field } from '../output/table.js'
import { planText } from '../policy-set/plan-text.js'

/** `esper revision`: what the policy set was, and having it back. */
export function revisionCommand(cli: Cli): Command {
  return new Command('revision')
    .description('What the policy set was, and having it back.')
    .addCommand(listCommand(cli))
    .addCommand(restoreCommand(cli))
}

function listCommand(cli: Cli): Command {
  const command = describedCommand('list', {
    summary: 'Lists the revisions of the policy set, newest first.',
    examples: ['esper revision list', 'esper revision list --limit 5 --output json'],
  }).option('--limit <count>', 'how many; 50 unless given')
  return onApiRun<{ readonly limit?: string }>(cli, command, async ({ flags, session }) => {
    await session.output.list((await session.client()).pages(await pathOf(session)), {
      columns: [
        ...[field('revision', 'revision', 'right'), field('created_at', 'created'), field('enforcement')],
        ...[field('policies', 'policies', 'right'), field('audit_id', 'made by')],
      ],
      none: 'There is no revision yet.',
      limit: flags.limit === undefined ? 50 : countOf('--limit', flags.limit),
    })
    return undefined
  })
}

function restoreCommand(cli: Cli): Command {
  const command = describedCommand('restore', {
    summary: 'Makes policies, and what they need, what they were at a revision.',
    details: 'That is a change like any other: it makes a new revision, and can be taken back the same way.',
    examples: ['esper revision restore 41', 'esper revision restore 41 --yes'],
  })
    .argument('<revision>', 'its number')
    .option('-y, --yes', 'do not ask')
  return onApiRun<{ readonly yes?: boolean }>(cli, command, async ({ args, flags, session }) => {
    const { output, terminal } = session
    const revision = countOf('<revision>', args[0] ?? '')
    await confirm(`Make the policy set what it was at revision ${revision}?`, { yes: flags.yes === true, terminal })
    const answer = await (await session.client()).post(`${await pathOf(session)}/${revision}/restore`, {})
    const { policySetApplied } = await import('../../server/policy-set/document/schema.js')
    const applied = policySetApplied.parse(answer)
    output.record(applied, `${planText(applied.changes, terminal)}\nThis is revision ${applied.revision}.`)
    return undefined
  })
}

async function pathOf(session: Session): Promise<string> {
  return `tenants/${await session.tenantId()}/revisions`
}
